-- One row per release that a figure comes from.
{%- set sources = {
    'world_bank': (
        'World Development Indicators, release of %Y-%m-%d', 'World Bank',
        'https://api.worldbank.org/v2', 'CC-BY-4.0',
    ),
    'wipo_ipstats': (
        'WIPO Statistics Database, last updated %B %Y', 'World Intellectual Property Organization',
        'https://www3.wipo.int/ipstats/', 'WIPO-statistics-terms',
    ),
    'safe_bop': (
        'Balance of payments, release of %Y-%m-%d',
        'State Administration of Foreign Exchange', 'https://www.safe.gov.cn', 'cite-source',
    ),
    'nbs_easyquery': (
        'National data, as answered on %Y-%m-%d', 'National Bureau of Statistics of China',
        'https://data.stats.gov.cn', 'cite-source',
    ),
    'oecd': (
        'OECD patent statistics, as got on %Y-%m-%d', 'OECD',
        'https://sdmx.oecd.org/public/rest', 'CC-BY-4.0',
    ),
    'eurostat': (
        'Eurostat data set, updated on %Y-%m-%d', 'Eurostat',
        'https://ec.europa.eu/eurostat/api/dissemination/sdmx/2.1', 'CC-BY-4.0',
    ),
} %}
{%- set by_region = {
    'cn_yearbook': (
        'National Bureau of Statistics and Ministry of Science and Technology',
        'https://www.stats.gov.cn/sj/ndsj/',
    ),
    'nbs_province': ('National Bureau of Statistics', 'https://data.stats.gov.cn'),
    'nbs_rd_bulletin': (
        'National Bureau of Statistics, Ministry of Science and Technology, Ministry of Finance',
        'https://www.stats.gov.cn/sj/tjgb/rdpcgb/qgkjjftrtjgb/',
    ),
} %}
select
    release_id,
    'official_releases' as source_id,
    title,
    publisher,
    published,
    published_precision,
    address,
    trust,
    licence,
    note
from {{ ref('stg_official_releases__release') }}
{% for source_id, (title, publisher, address, licence) in sources.items() %}
    union all by name

    select
        release_id,
        source_id,
        strftime(vintage, '{{ title }}') as title,
        '{{ publisher }}' as publisher,
        vintage as published,
        vintage_precision as published_precision,
        '{{ address }}' as address,
        'primary' as trust,
        '{{ licence }}' as licence
    from {{ ref('stg_' ~ source_id ~ '__observation') }}
    group by all
{% endfor %}
{% for source_id, (publisher, address) in by_region.items() %}
    union all by name

    select distinct
        release_id,
        source_id,
        release_title as title,
        '{{ publisher }}' as publisher,
        vintage as published,
        vintage_precision as published_precision,
        '{{ address }}' as address,
        trust,
        'cite-source' as licence
    from {{ ref('stg_' ~ source_id ~ '__observation') }}
{% endfor %}
