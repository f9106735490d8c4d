"""Which engine reads: DuckDB here, or Spark where a cluster is named."""

from typing import TYPE_CHECKING

from eigenform.analytics.engine import Engine, EngineUnknown

if TYPE_CHECKING:
    from eigenform.analytics.spark import SparkEngine

_SPARK = ("spark://", "local[")


def on_cluster(url: str | None) -> bool:
    """Return whether an address names a Spark cluster."""
    return url is not None and url.startswith(_SPARK)


def opened(database: str, url: str | None) -> "Engine | SparkEngine":
    """Return the engine that reads a home, to be used as a context manager.

    database  `sqlite:PATH` or `postgres:URI`
    url       None for DuckDB in this process, or spark://HOST:PORT

    Raises EngineUnknown for other addresses, and what `spark.session` raises.
    """
    if url is None:
        return Engine(database)
    if not on_cluster(url):
        raise EngineUnknown(engine=url)
    try:
        from eigenform.analytics.spark import SparkEngine  # noqa: PLC0415 - an extra, wanted by few
    except ImportError:
        raise EngineUnknown(engine=url, missing=True) from None
    return SparkEngine(database, url)
