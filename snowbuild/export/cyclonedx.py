"""Lock → a bill of materials (CycloneDX 1.6, JSON): distributions, models and modules, with digests and licences."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from uuid import NAMESPACE_URL, uuid5

from cyclonedx.model import ExternalReference, ExternalReferenceType, HashAlgorithm, HashType, Property, XsUri
from cyclonedx.model.bom import Bom, BomMetaData
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.model.license import DisjunctiveLicense, LicenseExpression
from cyclonedx.output.json import JsonV1Dot6
from packageurl import PackageURL
from packaging.licenses import InvalidLicenseExpression, canonicalize_license_expression
from packaging.version import InvalidVersion, Version

from snowbuild import __version__
from snowbuild.digest import sha256_bytes
from snowbuild.lock import lock_text
from snowbuild.lock.explain import ROOT, Explanation, stands_in, version_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from snowbuild.distribution import Distribution, Wheel
    from snowbuild.lock.values import Lock, LockedModule
    from snowbuild.models.values import Archive, Model

PROJECT = "project"
"""The reference of the root component, which contains all the others."""


def cyclonedx_text(lock: Lock) -> str:
    """A CycloneDX document that depends only on the lock: no timestamp, and a serial number from the lock's digest."""
    project = Component(name=lock.project or PROJECT, type=ComponentType.APPLICATION, bom_ref=PROJECT)
    distributions = {d.name: _distribution(d) for d in lock.distributions}
    models = [_model(m) for m in lock.models]
    modules = [_module(m) for m in lock.modules]
    bom = Bom(
        serial_number=uuid5(NAMESPACE_URL, f"sha256:{sha256_bytes(lock_text(lock).encode())}"),
        metadata=BomMetaData(
            component=project,
            properties=_properties(python=lock.python, architecture=lock.architecture, service=lock.service),
        ),
        components=[*distributions.values(), *models, *modules],
    )
    bom.metadata.tools.components.add(
        Component(name="snowbuild", type=ComponentType.APPLICATION, version=__version__, bom_ref="snowbuild")
    )
    explanation = Explanation(lock)
    required = {e.required for e in explanation.requires(ROOT)}
    bom.register_dependency(project, [*(distributions[name] for name in sorted(required)), *models, *modules])
    for name, component in distributions.items():
        bom.register_dependency(component, [distributions[e.required] for e in explanation.requires(name)])
    document: dict[str, Any] = json.loads(JsonV1Dot6(bom).output_as_string())
    # The library sets the time; the same lock must give the same bytes.
    del document["metadata"]["timestamp"]
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def _distribution(distribution: Distribution) -> Component:
    staged, archive = distribution.staged, distribution.bytecode
    version = version_of(distribution)
    return Component(
        name=distribution.name,
        version=version,
        type=ComponentType.LIBRARY,
        bom_ref=f"distribution:{distribution.name}",
        purl=PackageURL("pypi", name=distribution.name, version=_public(version)),
        hashes=[] if staged is None else [_hash(staged.sha256)],
        licenses=[] if distribution.license is None else [_license(distribution.license)],
        external_references=[_reference(w, distribution) for w in distribution.wheels],
        properties=_properties(
            source=distribution.source,
            rule=distribution.rule,
            service_name=distribution.service_name,
            service_version=distribution.service_version,
            wheel=None if staged is None else staged.filename,
            size=None if staged is None else staged.size,
            bytecode=None if archive is None else archive.filename,
            bytecode_sha256=None if archive is None else archive.sha256,
            native="true" if distribution.native else "false",
        ),
    )


def _reference(wheel: Wheel, distribution: Distribution) -> ExternalReference:
    comment = f"{wheel.filename}, {wheel.size} bytes" if wheel.size is not None else wheel.filename
    if stands_in(distribution):
        comment += f"; {distribution.version} stands in locally for {distribution.service_version}"
    return ExternalReference(
        type=ExternalReferenceType.DISTRIBUTION,
        url=XsUri(wheel.url or wheel.path or wheel.filename),
        hashes=[_hash(wheel.sha256)],
        comment=comment,
    )


def _model(model: Model) -> Component:
    return Component(
        name=model.name,
        type=ComponentType.MACHINE_LEARNING_MODEL,
        bom_ref=f"model:{model.name}",
        components=[_archive(archive, model) for archive in model.archives],
        properties=_properties(
            path=model.path,
            tree_sha256=model.tree_sha256,
            framework=model.facts.framework,
            framework_version=model.facts.framework_version,
            python=model.facts.python,
        ),
    )


def _archive(archive: Archive, model: Model) -> Component:
    return Component(
        name=archive.filename,
        type=ComponentType.FILE,
        bom_ref=f"model:{model.name}/{archive.filename}",
        hashes=[_hash(archive.sha256)],
        properties=_properties(size=archive.size),
    )


def _module(module: LockedModule) -> Component:
    return Component(
        name=module.filename,
        type=ComponentType.FILE,
        bom_ref=f"module:{module.filename}",
        hashes=[_hash(module.sha256)],
        properties=_properties(template=module.template, template_sha256=module.template_sha256, size=module.size),
    )


def _hash(sha256: str) -> HashType:
    return HashType(alg=HashAlgorithm.SHA_256, content=sha256)


def _license(text: str) -> LicenseExpression | DisjunctiveLicense:
    try:
        return LicenseExpression(canonicalize_license_expression(text))
    except InvalidLicenseExpression:
        return DisjunctiveLicense(name=text)


def _properties(**values: str | int | None) -> Iterator[Property]:
    for key, value in values.items():
        if value is not None:
            yield Property(name=f"snowbuild:{key.replace('_', '-')}", value=str(value))


def _public(version: str) -> str:
    """The version as in vulnerability databases, which do not know Snowflake's own builds."""
    try:
        return Version(version).public
    except InvalidVersion:
        return version
