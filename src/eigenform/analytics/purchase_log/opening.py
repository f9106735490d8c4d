"""Where a log is read: by DuckDB here, or by a Spark cluster. Both answer the same queries of `sql/`."""

from typing import TYPE_CHECKING, Any, TypeAlias, Union

from eigenform.analytics.engine import EngineUnknown
from eigenform.analytics.engines import on_cluster
from eigenform.analytics.purchase_log.file import LogFile

if TYPE_CHECKING:
    from eigenform.analytics.purchase_log.spark_log import SparkLog

Log: TypeAlias = Union[LogFile, "SparkLog"]


def opened(source: Any, engine_url: str | None) -> Log:
    """Return the log, to be used as a context manager.

    engine_url  None or "duckdb" for DuckDB in this process, or spark://HOST:PORT

    Raises EngineUnknown, LogUnreadable, and what `spark.session` raises.
    """
    if engine_url in (None, "duckdb"):
        return LogFile(source)
    if not on_cluster(engine_url):
        raise EngineUnknown(engine=str(engine_url))
    try:
        from eigenform.analytics.purchase_log.spark_log import SparkLog  # noqa: PLC0415 - an extra, wanted by few
    except ImportError:
        raise EngineUnknown(engine=str(engine_url), missing=True) from None
    return SparkLog(source, str(engine_url))
