package dev.isoflop.carbon;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/// A tree of folders and files like that of Linux's power capping framework, in a folder of a test.
record Powercap(Path root) {

    static final long RANGE = 262_143_328_850L; // microjoules, as a server's packages have it

    /// A zone with its counter.
    ///
    /// @param folder such as `intel-rapl:0` or `intel-rapl:0/intel-rapl:0:1`
    /// @param name such as `package-0` or `dram`
    Powercap zone(String folder, String name, long microjoules) throws IOException {
        Path zone = Files.createDirectories(root.resolve(folder));
        Files.writeString(zone.resolve("name"), name + "\n");
        Files.writeString(zone.resolve("max_energy_range_uj"), RANGE + "\n");
        return set(folder, microjoules);
    }

    /// Moves a counter at once, as the kernel does: nobody reads half a number.
    Powercap set(String folder, long microjoules) throws IOException {
        Path next = Files.writeString(root.resolve("next"), microjoules + "\n");
        Files.move(next, energy(folder), StandardCopyOption.ATOMIC_MOVE);
        return this;
    }

    Path energy(String folder) {
        return root.resolve(folder).resolve("energy_uj");
    }
}
