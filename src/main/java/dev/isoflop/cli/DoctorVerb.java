package dev.isoflop.cli;

import dev.isoflop.doctor.Diagnosis;
import dev.isoflop.files.Json;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

import java.io.IOException;
import java.io.PrintWriter;
import java.util.concurrent.Callable;

/// `isoflop doctor`: what this machine has, how fast it multiplies matrices, and what is wrong.
@Command(
        name = "doctor",
        description = "What this machine has, how fast it is, and how to mend what is wrong.",
        mixinStandardHelpOptions = true,
        footer = {
            "",
            "Example:",
            "  isoflop doctor --json",
            "",
            "Rates are the highest of square matrix products of side 2048 seen within 0.7 s."
        })
final class DoctorVerb implements Callable<Integer> {

    @Option(names = "--json", description = "One JSON object on standard output.")
    private boolean json;

    @Spec private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() throws IOException, InterruptedException {
        Diagnosis found = Diagnosis.ofThisMachine();
        PrintWriter out = spec.commandLine().getOut();
        out.println(json ? Json.text(found.json()) : found.text());
        out.flush();
        return found.isWell() ? 0 : Isoflop.FAILED;
    }
}
