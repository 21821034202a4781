"""What a row of ``journeys.path_clusters`` says."""

from journey_assets.warehouse.schema import Column, Table
from journey_assets.warehouse.tables.shared import AS_OF, wilson

PATH_CLUSTERS = Table(
    schema="journeys",
    name="path_clusters",
    grain="cluster",
    description="Groups of like paths: paths are alike that have the same events and pairs of consecutive "
    "events about as often, consecutive repeats once, the conversion left out, the first 100 steps. Of "
    "at most 500 persons, taken evenly from all (`sampled_persons` of `all_persons`), in at most 8 "
    "clusters (Ward), as many as have the best silhouette; where none is good all paths are one cluster. "
    "It describes: who is longer there has other paths and converts more for that alone.",
    columns=(
        AS_OF,
        Column("cluster", "BIGINT", "From 1, the largest first.", nullable=False),
        Column("persons", "BIGINT", "Sampled persons in the cluster."),
        Column("share", "DOUBLE", "`persons` of `sampled_persons`."),
        *wilson("share", "that share"),
        Column(
            "medoid", "VARCHAR[]", "The path of the cluster that is most like all others of it."
        ),
        Column("median_length", "DOUBLE", "Median steps of its paths, consecutive repeats once."),
        Column("converters", "BIGINT", "Converters of `persons`; empty where cohorts are labels."),
        Column(
            "conversion_rate",
            "DOUBLE",
            "Converters of the cluster's converters and non-converters.",
        ),
        *wilson("conversion", "that share"),
        Column(
            "stability",
            "DOUBLE",
            "How much of the cluster comes back when the sample is drawn again: mean Jaccard similarity over "
            "20 bootstrap samples (Hennig, 2007). Below 0.6 it is chance.",
        ),
        Column("silhouette", "DOUBLE", "Mean silhouette of all sampled paths, from −1 to 1."),
        Column("sampled_persons", "BIGINT", "Persons whose paths were compared."),
        Column("all_persons", "BIGINT", "Persons they were taken from."),
        Column(
            "verdict",
            "VARCHAR",
            "`stable` (stability of 0.75 or more), `unstable`, `no_clusters` (one cluster: no structure), "
            "`insufficient`.",
        ),
    ),
    key=("cluster",),
    code=__package__,
    persons="sum(persons)",
    picture=f"{__package__}.picture:picture",
)
