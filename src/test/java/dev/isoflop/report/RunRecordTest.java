package dev.isoflop.report;

import static org.assertj.core.api.Assertions.assertThat;

import dev.isoflop.run.MadeUpRun;
import dev.isoflop.run.Measurement;
import dev.isoflop.run.Measurements;
import dev.isoflop.run.RunFolder;
import dev.isoflop.run.RunRecord;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

class RunRecordTest {

    @TempDir private Path runs;

    @Test
    void billAndPageOfARunThatWasReadReadItsStepsNoMore() throws IOException {
        try (RunFolder folder = RunFolder.create(runs.resolve("mae"))) {
            folder.writeRecipe("seed: 1\n");
            folder.writeProvenance(MadeUpRun.provenance("mae", "world"));
            List<Measurement> steps = MadeUpRun.steps(40);
            try (Measurements lines = Measurements.open(folder.measurements())) {
                steps.forEach(lines::append);
            }
            RunPage.write(folder, List.of(), folder.page());
            String page = Files.readString(folder.page());
            String bill = RunBill.of(folder).text();
            RunRecord read = RunRecord.of(folder);
            Files.delete(folder.measurements());
            RunPage.write(read, List.of(), folder.page());
            assertThat(Files.readString(folder.page())).isEqualTo(page);
            assertThat(RunBill.of(read).text()).isEqualTo(bill);
            RunPage.write(RunRecord.of(folder, steps), List.of(), folder.page());
            assertThat(Files.readString(folder.page())).isEqualTo(page);
        }
    }
}
