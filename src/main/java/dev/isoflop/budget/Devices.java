package dev.isoflop.budget;

import dev.isoflop.fault.InputException;
import dev.isoflop.fault.Nearest;
import dev.isoflop.recipe.Table;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/// The devices that are known: those that come with isoflop, and any that a user describes in a
/// file of the same keys.
public final class Devices {

    private static final String RESOURCE = "devices.yaml";

    private final Map<String, Device> byId = new LinkedHashMap<>();

    private Devices() {}

    /// Those that come with isoflop.
    public static Devices known() {
        return Catalogue.OF_ISOFLOP;
    }

    /// Read when it is first asked for, once: it never changes.
    private static final class Catalogue {

        private static final Devices OF_ISOFLOP = new Devices();

        static {
            OF_ISOFLOP.add(Table.parse(RESOURCE, resource()));
        }
    }

    /// A device by what somebody calls it, or the only one of a file.
    ///
    /// @param name an id, another name, or the path of a file that describes one device
    /// @throws InputException naming the nearest known device, or what is wrong with the file
    public static Device named(String name) {
        if (name.endsWith(".yaml") || name.endsWith(".yml")) {
            return only(Table.read(Path.of(name)), name);
        }
        Devices devices = known();
        for (Device device : devices.all()) {
            List<String> names = new ArrayList<>(device.also());
            names.add(device.id());
            names.add(device.name());
            if (names.stream().anyMatch(name::equalsIgnoreCase)) {
                return device;
            }
        }
        String near =
                Nearest.to(name.toLowerCase(Locale.ROOT), devices.byId.keySet())
                        .map(id -> "did you mean " + id + "?")
                        .orElse("known are " + String.join(", ", devices.byId.keySet()));
        throw new InputException(
                "the device %s is not known; %s (or name a .yaml file that describes it)"
                        .formatted(name, near));
    }

    /// The only device of a file's table.
    static Device only(Table table, String fileName) {
        Devices devices = new Devices();
        devices.add(table);
        if (devices.byId.size() != 1) {
            throw new InputException(
                    "%s describes %s devices; write one, under its name"
                            .formatted(fileName, devices.byId.size()));
        }
        return devices.all().getFirst();
    }

    private void add(Table t) {
        for (String id : t.keys()) {
            byId.put(id, Device.from(id, t.table(id)));
        }
        t.done();
    }

    /// All of them, in the order of the file.
    public List<Device> all() {
        return List.copyOf(byId.values());
    }

    private static String resource() {
        try (InputStream in = Devices.class.getResourceAsStream(RESOURCE)) {
            if (in == null) {
                throw new IllegalStateException(RESOURCE + " is missing from the class path");
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
