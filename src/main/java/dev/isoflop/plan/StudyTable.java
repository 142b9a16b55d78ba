package dev.isoflop.plan;

import dev.isoflop.finetune.TuningStudy;
import dev.isoflop.report.TextTable;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// What a study over pre-trained encoders takes: a line an encoder, and their sum.
record StudyTable(TuningStudy study) {

    private static final List<String> HEADS =
            List.of("study", "pre-trained by", "cells", "seeds", "steps", "a run", "total");

    private static final int WORDS = 2; // columns that hold words

    String text() {
        List<List<String>> cells = new ArrayList<>();
        cells.add(HEADS);
        for (TuningStudy.Encoder one : study.encoders()) {
            cells.add(
                    List.of(
                            study.name(),
                            one.name(),
                            Cells.count(one.cells()),
                            Cells.count(one.seeds()),
                            Cells.count(one.seed().steps()),
                            Cells.scientific(one.seed().flops()),
                            Cells.scientific(one.flops())));
        }
        List<String> lines = new ArrayList<>(TextTable.aligned(cells, column -> column < WORDS));
        lines.add(study.sum());
        return String.join("\n", lines);
    }

    Map<String, Object> json() {
        Map<String, Object> root = new LinkedHashMap<>();
        root.put("name", study.name());
        root.put("runs", study.runs());
        root.put("flops", study.flops());
        root.put("flopsFromScratchAtMost", study.baselines());
        List<Map<String, Object>> encoders = new ArrayList<>();
        for (TuningStudy.Encoder one : study.encoders()) {
            Map<String, Object> row = new LinkedHashMap<>();
            row.put("pretrained", one.name());
            row.put("from", one.run().toString());
            row.put("cells", one.cells());
            row.put("seeds", one.seeds());
            row.put("steps", one.seed().steps());
            row.put("flopsOfACell", one.cell().flops());
            row.put("flopsOfASeed", one.seed().flops());
            row.put("flops", one.flops());
            encoders.add(row);
        }
        root.put("encoders", encoders);
        return root;
    }
}
