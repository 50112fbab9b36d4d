"""A simulated national register of patents: made up, labelled, calibrated to published figures.

calibration: which figures, and who published them; population: the patents; defects: dirty rows;
files: the register as files of the adapters' formats. Nothing here is of the real world.
"""
