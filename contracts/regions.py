"""Where owners live: names of provinces and countries, as Chinese sources write them, to codes.

Here: one reviewed table; a name that it lacks is nobody's. Not here: foreign sources' own codes,
addresses in free text.
Provinces: ISO 3166-2:CN, the same codes as raw/official_releases/ref_areas.csv. A city of
sub-provincial rank, which CNIPA lists beside the provinces, counts to its province. Hong Kong,
Macao and Taiwan carry their own ISO 3166-1 code and their ISO 3166-2:CN code. Countries: ISO
3166-1 alpha-2, names as CNIPA's country and region list and the ISO have them in Chinese.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

import polars as pl

#: Region to names; the first is the full one.
_REGIONS: Final = {
    "CN-BJ": "北京市 北京",
    "CN-TJ": "天津市 天津",
    "CN-HE": "河北省 河北",
    "CN-SX": "山西省 山西",
    "CN-NM": "内蒙古自治区 内蒙古 内蒙",
    "CN-LN": "辽宁省 辽宁 沈阳市 沈阳 大连市 大连",
    "CN-JL": "吉林省 吉林 长春市 长春",
    "CN-HL": "黑龙江省 黑龙江 哈尔滨市 哈尔滨",
    "CN-SH": "上海市 上海",
    "CN-JS": "江苏省 江苏 南京市 南京",
    "CN-ZJ": "浙江省 浙江 杭州市 杭州 宁波市 宁波",
    "CN-AH": "安徽省 安徽",
    "CN-FJ": "福建省 福建 厦门市 厦门",
    "CN-JX": "江西省 江西",
    "CN-SD": "山东省 山东 济南市 济南 青岛市 青岛",
    "CN-HA": "河南省 河南",
    "CN-HB": "湖北省 湖北 武汉市 武汉",
    "CN-HN": "湖南省 湖南",
    "CN-GD": "广东省 广东 广州市 广州 深圳市 深圳",
    "CN-GX": "广西壮族自治区 广西",
    "CN-HI": "海南省 海南",
    "CN-CQ": "重庆市 重庆",
    "CN-SC": "四川省 四川 成都市 成都",
    "CN-GZ": "贵州省 贵州",
    "CN-YN": "云南省 云南",
    "CN-XZ": "西藏自治区 西藏",
    "CN-SN": "陕西省 陕西 西安市 西安",
    "CN-GS": "甘肃省 甘肃",
    "CN-QH": "青海省 青海",
    "CN-NX": "宁夏回族自治区 宁夏",
    "CN-XJ": "新疆维吾尔自治区 新疆 新疆生产建设兵团 新疆兵团",
    "CN-TW": "台湾省 台湾 中国台湾",
    "CN-HK": "香港特别行政区 香港 中国香港",
    "CN-MO": "澳门特别行政区 澳门 中国澳门",
}
#: Country to names.
_COUNTRIES: Final = {
    "AD": "安道尔",
    "AE": "阿拉伯联合酋长国 阿联酋",
    "AF": "阿富汗",
    "AG": "安提瓜和巴布达",
    "AI": "安圭拉",
    "AL": "阿尔巴尼亚",
    "AM": "亚美尼亚",
    "AN": "荷属安的列斯 荷属安的列斯群岛",
    "AO": "安哥拉",
    "AR": "阿根廷",
    "AT": "奥地利",
    "AU": "澳大利亚",
    "AW": "阿鲁巴",
    "AZ": "阿塞拜疆",
    "BA": "波斯尼亚和黑塞哥维那 波黑",
    "BB": "巴巴多斯",
    "BD": "孟加拉国 孟加拉",
    "BE": "比利时",
    "BF": "布基纳法索",
    "BG": "保加利亚",
    "BH": "巴林",
    "BI": "布隆迪",
    "BJ": "贝宁",
    "BM": "百慕大 百慕大群岛",
    "BN": "文莱 文莱达鲁萨兰国",
    "BO": "玻利维亚",
    "BR": "巴西",
    "BS": "巴哈马",
    "BT": "不丹",
    "BW": "博茨瓦纳",
    "BY": "白俄罗斯",
    "BZ": "伯利兹",
    "CA": "加拿大",
    "CD": "刚果民主共和国 刚果(金)",
    "CF": "中非 中非共和国",
    "CG": "刚果 刚果(布)",
    "CH": "瑞士",
    "CI": "科特迪瓦",
    "CK": "库克群岛",
    "CL": "智利",
    "CM": "喀麦隆",
    "CN": "中国 中华人民共和国",
    "CO": "哥伦比亚",
    "CR": "哥斯达黎加",
    "CU": "古巴",
    "CV": "佛得角",
    "CW": "库拉索",
    "CY": "塞浦路斯",
    "CZ": "捷克 捷克共和国",
    "DE": "德国 德意志联邦共和国",
    "DJ": "吉布提",
    "DK": "丹麦",
    "DM": "多米尼克",
    "DO": "多米尼加 多米尼加共和国",
    "DZ": "阿尔及利亚",
    "EC": "厄瓜多尔",
    "EE": "爱沙尼亚",
    "EG": "埃及",
    "ER": "厄立特里亚",
    "ES": "西班牙",
    "ET": "埃塞俄比亚",
    "FI": "芬兰",
    "FJ": "斐济",
    "FM": "密克罗尼西亚",
    "FO": "法罗群岛",
    "FR": "法国",
    "GA": "加蓬",
    "GB": "英国 联合王国 大不列颠及北爱尔兰联合王国",
    "GD": "格林纳达",
    "GE": "格鲁吉亚",
    "GG": "根西岛 格恩西岛",
    "GH": "加纳",
    "GI": "直布罗陀",
    "GL": "格陵兰",
    "GM": "冈比亚",
    "GN": "几内亚",
    "GQ": "赤道几内亚",
    "GR": "希腊",
    "GT": "危地马拉",
    "GU": "关岛",
    "GW": "几内亚比绍",
    "GY": "圭亚那",
    "HN": "洪都拉斯",
    "HR": "克罗地亚",
    "HT": "海地",
    "HU": "匈牙利",
    "ID": "印度尼西亚 印尼",
    "IE": "爱尔兰",
    "IL": "以色列",
    "IM": "马恩岛 曼岛",
    "IN": "印度",
    "IQ": "伊拉克",
    "IR": "伊朗",
    "IS": "冰岛",
    "IT": "意大利",
    "JE": "泽西岛",
    "JM": "牙买加",
    "JO": "约旦",
    "JP": "日本",
    "KE": "肯尼亚",
    "KG": "吉尔吉斯斯坦 吉尔吉斯",
    "KH": "柬埔寨",
    "KI": "基里巴斯",
    "KM": "科摩罗",
    "KN": "圣基茨和尼维斯",
    "KP": "朝鲜",
    "KR": "韩国 大韩民国",
    "KW": "科威特",
    "KY": "开曼群岛 开曼",
    "KZ": "哈萨克斯坦",
    "LA": "老挝",
    "LB": "黎巴嫩",
    "LC": "圣卢西亚",
    "LI": "列支敦士登",
    "LK": "斯里兰卡",
    "LR": "利比里亚",
    "LS": "莱索托",
    "LT": "立陶宛",
    "LU": "卢森堡",
    "LV": "拉脱维亚",
    "LY": "利比亚",
    "MA": "摩洛哥",
    "MC": "摩纳哥",
    "MD": "摩尔多瓦",
    "ME": "黑山",
    "MG": "马达加斯加",
    "MH": "马绍尔群岛",
    "MK": "北马其顿 马其顿",
    "ML": "马里",
    "MM": "缅甸",
    "MN": "蒙古",
    "MR": "毛里塔尼亚",
    "MS": "蒙特塞拉特",
    "MT": "马耳他",
    "MU": "毛里求斯",
    "MV": "马尔代夫",
    "MW": "马拉维",
    "MX": "墨西哥",
    "MY": "马来西亚",
    "MZ": "莫桑比克",
    "NA": "纳米比亚",
    "NC": "新喀里多尼亚",
    "NE": "尼日尔",
    "NG": "尼日利亚",
    "NI": "尼加拉瓜",
    "NL": "荷兰",
    "NO": "挪威",
    "NP": "尼泊尔",
    "NR": "瑙鲁",
    "NU": "纽埃",
    "NZ": "新西兰",
    "OM": "阿曼",
    "PA": "巴拿马",
    "PE": "秘鲁",
    "PF": "法属波利尼西亚",
    "PG": "巴布亚新几内亚",
    "PH": "菲律宾",
    "PK": "巴基斯坦",
    "PL": "波兰",
    "PR": "波多黎各",
    "PS": "巴勒斯坦",
    "PT": "葡萄牙",
    "PW": "帕劳",
    "PY": "巴拉圭",
    "QA": "卡塔尔",
    "RO": "罗马尼亚",
    "RS": "塞尔维亚",
    "RU": "俄罗斯 俄罗斯联邦",
    "RW": "卢旺达",
    "SA": "沙特阿拉伯 沙特",
    "SB": "所罗门群岛",
    "SC": "塞舌尔 塞舌尔群岛",
    "SD": "苏丹",
    "SE": "瑞典",
    "SG": "新加坡",
    "SI": "斯洛文尼亚",
    "SK": "斯洛伐克",
    "SL": "塞拉利昂",
    "SM": "圣马力诺",
    "SN": "塞内加尔",
    "SO": "索马里",
    "SR": "苏里南",
    "SS": "南苏丹",
    "ST": "圣多美和普林西比",
    "SU": "苏联",
    "SV": "萨尔瓦多",
    "SX": "荷属圣马丁",
    "SY": "叙利亚",
    "SZ": "斯威士兰 埃斯瓦蒂尼",
    "TC": "特克斯和凯科斯群岛",
    "TD": "乍得",
    "TG": "多哥",
    "TH": "泰国",
    "TJ": "塔吉克斯坦",
    "TL": "东帝汶",
    "TM": "土库曼斯坦",
    "TN": "突尼斯",
    "TO": "汤加",
    "TR": "土耳其",
    "TT": "特立尼达和多巴哥",
    "TV": "图瓦卢",
    "TZ": "坦桑尼亚",
    "UA": "乌克兰",
    "UG": "乌干达",
    "US": "美国 美利坚合众国",
    "UY": "乌拉圭",
    "UZ": "乌兹别克斯坦",
    "VA": "梵蒂冈",
    "VC": "圣文森特和格林纳丁斯",
    "VE": "委内瑞拉",
    "VG": "英属维尔京群岛 维尔京群岛(英属) 维尔京群岛(英)",
    "VI": "美属维尔京群岛 维尔京群岛(美属) 维尔京群岛(美)",
    "VN": "越南",
    "VU": "瓦努阿图",
    "WS": "萨摩亚 西萨摩亚",
    "YE": "也门",
    "YU": "南斯拉夫",
    "ZA": "南非",
    "ZM": "赞比亚",
    "ZW": "津巴布韦",
}
_OWN_CODE: Final = ("CN-TW", "CN-HK", "CN-MO")
PROVINCES: Final = tuple(code for code in _REGIONS if code not in _OWN_CODE)
#: Region to names in Chinese sources written in English; case and blanks make no difference.
_ENGLISH: Final = {
    "CN-BJ": ("Beijing",),
    "CN-TJ": ("Tianjin",),
    "CN-HE": ("Hebei",),
    "CN-SX": ("Shanxi",),
    "CN-NM": ("Inner Mongolia",),
    "CN-LN": ("Liaoning",),
    "CN-JL": ("Jilin",),
    "CN-HL": ("Heilongjiang",),
    "CN-SH": ("Shanghai",),
    "CN-JS": ("Jiangsu",),
    "CN-ZJ": ("Zhejiang",),
    "CN-AH": ("Anhui",),
    "CN-FJ": ("Fujian",),
    "CN-JX": ("Jiangxi",),
    "CN-SD": ("Shandong",),
    "CN-HA": ("Henan",),
    "CN-HB": ("Hubei",),
    "CN-HN": ("Hunan",),
    "CN-GD": ("Guangdong",),
    "CN-GX": ("Guangxi",),
    "CN-HI": ("Hainan",),
    "CN-CQ": ("Chongqing",),
    "CN-SC": ("Sichuan",),
    "CN-GZ": ("Guizhou",),
    "CN-YN": ("Yunnan",),
    "CN-XZ": ("Tibet", "Xizang"),
    "CN-SN": ("Shaanxi",),
    "CN-GS": ("Gansu",),
    "CN-QH": ("Qinghai",),
    "CN-NX": ("Ningxia",),
    "CN-XJ": ("Xinjiang",),
    "CN-TW": ("Taiwan",),
    "CN-HK": ("Hong Kong", "Hongkong"),
    "CN-MO": ("Macao",),
}
#: What a statistical table has beside provinces: a word for it, to names. The word is no code yet:
#: which China 全国 is, and how many provinces 东部地区 has, is for the table to say.
_GROUPS: Final = {
    "nation": ("全国", "National Total"),
    "total": ("总计", "合计"),
    "domestic": ("国内",),
    "abroad": ("国外",),
    "east": ("东部地区", "东部"),
    "centre": ("中部地区", "中部"),
    "west": ("西部地区", "西部"),
    "northeast": ("东北地区", "东北"),
    "hkmt": ("港澳台",),
    "others": ("其他",),
}


def _table() -> dict[str, tuple[str, str | None]]:
    table: dict[str, tuple[str, str | None]] = {}
    for code, names in _COUNTRIES.items():
        table.update(dict.fromkeys([code, *names.split()], (code, None)))
    for code, names in _REGIONS.items():
        country = code[3:] if code in _OWN_CODE else "CN"
        table.update(dict.fromkeys([code, *names.split()], (country, code)))
    for code in _OWN_CODE:
        table[code[3:]] = (code[3:], code)
    return table


_PLACES: Final = _table()
#: CNIPA prints its own number of the place behind it: 北京;11, 广东(44).
_NUMBERED: Final = re.compile(r"[;(（ ]*[0-9]{2}[)）]?$")


def _squeezed(text: str) -> str:
    """A name as the tables are searched: compatible forms made one, no blanks, one case."""
    return "".join(unicodedata.normalize("NFKC", text).split()).casefold()


def _areas() -> dict[str, str]:
    names = {code: (*names.split()[:2], *_ENGLISH[code]) for code, names in _REGIONS.items()}
    return {
        _squeezed(name): code
        for table in (names, _GROUPS)
        for code, known in table.items()
        for name in known
    }


_AREAS: Final = _areas()


def area(text: str) -> str | None:
    """The row of a statistical table: code of a province, or a word for a group; None: unknown.

    Full-width blanks inside names do not matter. A sub-provincial city is no province here.

    >>> area("内 蒙　古"), area("Innermongolia"), area("东部"), area("大连"), area("亚特兰蒂斯")
    ('CN-NM', 'CN-NM', 'east', None, None)
    """
    return _AREAS.get(_squeezed(text))


def area_name(code: str) -> str:
    """The short Chinese name of a region; any other code stands for itself.

    >>> area_name("CN-NM"), area_name("CHN")
    ('内蒙古', 'CHN')
    """
    return _REGIONS[code].split()[1] if code in _REGIONS else code


def country(text: str) -> str | None:
    """ISO 3166-1 alpha-2 of a country other than China by its Chinese name; None: unknown.

    >>> country("荷 兰"), country("England"), country("广东")
    ('NL', None, None)
    """
    code, region = _PLACES.get(_squeezed(text).upper(), (None, None))
    return None if region or code == "CN" else code


def place(text: str | None) -> tuple[str | None, str | None]:
    """Country and, where it is one of China's, region; (None, None) for blank.

    A name that is not in the table stands in the place of the region, as written, so that the
    contract rejects it by its value.

    >>> place("内蒙"), place("沈阳"), place("美国"), place("台湾")
    (('CN', 'CN-NM'), ('CN', 'CN-LN'), ('US', None), ('TW', 'CN-TW'))
    >>> place("北京;11"), place("亚特兰蒂斯"), place("")
    (('CN', 'CN-BJ'), (None, '亚特兰蒂斯'), (None, None))
    """
    if text is None or not text.strip():
        return None, None
    name = _NUMBERED.sub("", unicodedata.normalize("NFKC", text).strip()).replace(" ", "")
    return _PLACES.get(name) or (None, text.strip())


def name(code: str) -> str:
    """The full Chinese name of a country (ISO 3166-1 alpha-2) or region (ISO 3166-2:CN).

    Raises KeyError for any other text.

    >>> name("CN-NM"), name("US")
    ('内蒙古自治区', '美国')
    """
    return (_REGIONS.get(code) or _COUNTRIES[code]).split()[0]


def places(text: pl.Series) -> pl.DataFrame:
    """`place` of a column, as columns owner_country and owner_region."""
    distinct = text.cast(pl.String).drop_nulls().unique()
    found = [place(name) for name in distinct]
    return pl.DataFrame(
        {
            column: text.cast(pl.String).replace_strict(
                distinct,
                pl.Series([pair[i] for pair in found], dtype=pl.String),
                default=None,
                return_dtype=pl.String,
            )
            for i, column in enumerate(("owner_country", "owner_region"))
        }
    )
