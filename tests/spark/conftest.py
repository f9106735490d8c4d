"""One real cluster for all tests here: a master and two workers, each a process of its own, on the loopback interface."""

from collections.abc import Iterator

import pytest

from scripts.spark_cluster import cluster, why_not

# a few hundred rows: neither compiling each query nor planning it anew is worth its time
SMALL = "partitions=1&spark.sql.codegen.wholeStage=false&spark.sql.codegen.factoryMode=NO_CODEGEN"
SMALL += "&spark.sql.adaptive.enabled=false"


@pytest.fixture(scope="session")
def spark_url() -> Iterator[str]:
    """The cluster's address, with one session kept open: opening one takes half a minute."""
    reason = why_not()
    if reason:
        pytest.skip(reason)
    from eigenform.analytics import spark

    with cluster() as url:
        session, _ours = spark.session(f"{url}?{SMALL}")
        try:
            yield url
        finally:
            session.stop()
