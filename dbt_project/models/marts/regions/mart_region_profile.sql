-- One row per province and year: mart_region_measure turned on its side, for pages and dashboards.
-- What a figure, its growth, share and rank are is defined there, and so is where it comes from.
{%- set beside = {
    'patents': ['per_10k', 'growth', 'share', 'rank'],
    'plant_varieties': ['per_10k', 'growth', 'share', 'rank'],
} %}
{%- set columns = {
    'per_10k': 'per_10k_residents',
    'growth': 'growth',
    'share': 'national_share',
    'rank': 'national_rank',
} %}
{%- set topics = {
    'patents': [
        'patent_applications_total', 'patent_applications_invention',
        'patent_applications_utility_model', 'patent_applications_design',
        'patent_grants_total', 'patent_grants_invention', 'patent_grants_utility_model',
        'patent_grants_design', 'patents_in_force_total', 'patents_in_force_invention',
        'patents_in_force_utility_model', 'patents_in_force_design',
    ],
    'plant_varieties': ['plant_variety_applications', 'plant_variety_grants'],
    'technology_market': [
        'technology_outflow_contracts', 'technology_outflow_value',
        'technology_inflow_contracts', 'technology_inflow_value',
    ],
    'high_tech': [
        'hightech_enterprises', 'hightech_revenue', 'hightech_profit', 'hightech_rd_expenditure',
        'hightech_rd_personnel', 'hightech_new_product_sales', 'hightech_patent_applications',
        'hightech_patents_in_force',
    ],
    'research': ['rd_intensity', 'rd_expenditure'],
    'economy': ['resident_population', 'gdp'],
} %}
{%- set high_value = "measure = 'high_value_invention_patents_per_10k'" %}
with long as (
    select *
    from {{ ref('mart_region_measure') }}
    where area_kind = 'province'
),

province as (
    select distinct
        ref_area,
        ref_area_name
    from long
),

years as (select distinct time_period from long),

pivoted as (
    select
        ref_area,
        time_period,
        {% for topic, measures in topics.items() %}
            {% for measure in measures %}
                max(obs_value) filter (where measure = '{{ measure }}') as {{ measure }},
                {% for name in beside.get(topic, ['rank']) %}
                    max({{ columns[name] }}) filter (where measure = '{{ measure }}')
                        as {{ measure }}_{{ name }},
                {% endfor %}
            {% endfor %}
        {% endfor %}
        max(obs_value) filter (where {{ high_value }}) as high_value_per_10k,
        max(target_value) filter (where {{ high_value }}) as high_value_target,
        max(target_status) filter (where {{ high_value }}) as high_value_target_status,
        max(target_latest_period) filter (where {{ high_value }})
            as high_value_target_latest_period,
        max(target_latest_value) filter (where {{ high_value }}) as high_value_target_latest_value,
        -- That none was found does not say that there is none.
        nullif(count(target_value), 0) as own_targets,
        string_agg(
            measure || ': ' || target_as_published || ', ' || coalesce(target_status, 'no verdict'),
            '; ' order by measure
        ) filter (where target_value is not null) as own_targets_told
    from long
    group by ref_area, time_period
)

select
    p.ref_area,
    p.ref_area_name,
    y.time_period,
    v.* exclude (ref_area, time_period)
from province as p
cross join years as y
left join pivoted as v on p.ref_area = v.ref_area and y.time_period = v.time_period
