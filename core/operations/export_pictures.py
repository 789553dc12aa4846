"""Material of exports that are trees of pictures, or that name them: class, split and tags beside each file."""

from core.errors import UsageError
from core.export.material import Material
from core.jobs import Job
from core.operations.export_request import Request
from core.project import Project


def material(project: Project, request: Request, job: Job) -> Material:
    """The pictures of a request."""
    raise UsageError("This cannot be exported yet.")
