package dev.isoflop.carbon;

import de.siegmar.fastcsv.reader.CsvReader;
import de.siegmar.fastcsv.reader.NamedCsvRecord;

import dev.isoflop.budget.Estimate;
import dev.isoflop.fault.InputException;
import dev.isoflop.fault.Nearest;

import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// The grids that are known: regions of clouds, countries, the world.
public final class Grids {

    /// What is taken where a recipe says nothing.
    public static final String WORLD = "world";

    private static final String RESOURCE = "grids.csv";

    private Grids() {}

    /// All of them, in the order of the file.
    public static List<Grid> known() {
        return Catalogue.OF_ISOFLOP;
    }

    /// Read when it is first asked for, once: it never changes.
    private static final class Catalogue {

        private static final List<Grid> OF_ISOFLOP = List.copyOf(read());
    }

    private static List<Grid> read() {
        List<Grid> grids = new ArrayList<>();
        try (InputStream in = Grids.class.getResourceAsStream(RESOURCE)) {
            if (in == null) {
                throw new IllegalStateException(RESOURCE + " is missing from the class path");
            }
            InputStreamReader text = new InputStreamReader(in, StandardCharsets.UTF_8);
            for (NamedCsvRecord row : CsvReader.builder().ofNamedCsvRecord(text)) {
                grids.add(read(row));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return grids;
    }

    private static Grid read(NamedCsvRecord row) {
        String source = row.getField("source") + ", for " + row.getField("year");
        Estimate intensity =
                Estimate.stated(
                        "grid intensity",
                        Double.parseDouble(row.getField("grams_per_kwh")),
                        "g/kWh",
                        "mean of " + row.getField("name"),
                        source);
        Optional<Estimate> pue =
                row.getField("pue").isEmpty()
                        ? Optional.empty()
                        : Optional.of(
                                Estimate.stated(
                                        "PUE",
                                        Double.parseDouble(row.getField("pue")),
                                        "",
                                        "mean of the data centres of " + row.getField("provider"),
                                        row.getField("pue_source")));
        return new Grid(row.getField("id"), row.getField("name"), intensity, pue);
    }

    /// A grid by its id; a cloud may be left out where the region's name is of one cloud only.
    ///
    /// @throws InputException naming the nearest known grid
    public static Grid named(String name) {
        List<Grid> grids = known();
        String wanted = name.toLowerCase(Locale.ROOT);
        List<Grid> found =
                grids.stream()
                        .filter(g ->
                                g.id().equals(wanted)
                                        || g.id().endsWith("/" + wanted)
                                        || g.name().equalsIgnoreCase(name))
                        .toList();
        if (found.size() == 1) {
            return found.getFirst();
        }
        if (found.size() > 1) {
            throw new InputException(
                    "the region %s is of several clouds; write %s"
                            .formatted(
                                    name,
                                    String.join(" or ", found.stream().map(Grid::id).toList())));
        }
        List<String> ids = new ArrayList<>();
        for (Grid grid : grids) {
            ids.add(grid.id());
            ids.add(grid.id().substring(grid.id().indexOf('/') + 1));
            ids.add(grid.name());
        }
        String near =
                Nearest.to(wanted, ids)
                        .map(id -> "did you mean " + id + "?")
                        .orElse(
                                "write a cloud's region such as gcp/europe-west1, a country such as"
                                        + " deu, or world");
        throw new InputException("the region %s is not known; %s".formatted(name, near));
    }
}
