package dev.isoflop.carbon;

import dev.isoflop.fault.InputException;

import java.util.Map;

/// The processes of a run that share this machine, as the environment says: `LOCAL_RANK` and
/// `LOCAL_WORLD_SIZE`, which torchrun sets; a process without them is alone.
///
/// @param local number of this process among those of this machine, from 0
/// @param onMachine how many there are
record Ranks(int local, int onMachine) {

    static Ranks of(Map<String, String> environment) {
        int local = number(environment, "LOCAL_RANK", 0, 0);
        return new Ranks(local, number(environment, "LOCAL_WORLD_SIZE", 1, 1));
    }

    /// @throws InputException where a variable holds something else
    private static int number(
            Map<String, String> environment, String name, int absent, int lowest) {
        String text = environment.get(name);
        if (text == null) {
            return absent;
        }
        if (!text.matches("\\d{1,9}") || Integer.parseInt(text) < lowest) {
            throw new InputException(
                    "the environment's %s is \"%s\"; set it to a whole number from %d, or leave it unset"
                            .formatted(name, text, lowest));
        }
        return Integer.parseInt(text);
    }
}
