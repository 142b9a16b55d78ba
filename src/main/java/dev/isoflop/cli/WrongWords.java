package dev.isoflop.cli;

import static java.util.Collections.disjoint;

import picocli.CommandLine.IParameterExceptionHandler;
import picocli.CommandLine.MaxValuesExceededException;
import picocli.CommandLine.MissingParameterException;
import picocli.CommandLine.Model.ArgGroupSpec;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.MutuallyExclusiveArgsException;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.TypeConversionException;
import picocli.CommandLine.UnmatchedArgumentException;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/// Says in a line which options do not go together, or which one another lacks; picocli would list
/// whole groups of options that nobody gave. All else is left to it.
final class WrongWords implements IParameterExceptionHandler {

    private final IParameterExceptionHandler others;

    /// @param others picocli's own words
    WrongWords(IParameterExceptionHandler others) {
        this.others = others;
    }

    @Override
    public int handleParseException(ParameterException e, String[] arguments) throws Exception {
        Optional<String> line =
                switch (e) {
                    case MutuallyExclusiveArgsException _, MaxValuesExceededException _ ->
                            conflict(given(e)).or(() -> twice(given(e), arguments));
                    case MissingParameterException missing -> lacking(missing, given(e));
                    case UnmatchedArgumentException unmatched when !unmatched.isUnknownOption() ->
                            conflict(withOperands(given(e), e));
                    case ParameterException wrong
                            when wrong.getCause() instanceof TypeConversionException ->
                            Optional.of(String.valueOf(wrong.getMessage()));
                    default -> Optional.empty();
                };
        if (line.isEmpty()) {
            return others.handleParseException(e, arguments);
        }
        PrintWriter err = e.getCommandLine().getErr();
        err.println("isoflop: " + line.get());
        err.flush();
        return Isoflop.WRONG_INPUT;
    }

    /// What the user wrote, in this order.
    private static List<ArgSpec> given(ParameterException e) {
        ParseResult result = e.getCommandLine().getParseResult();
        return result == null ? List.of() : result.matchedArgs();
    }

    /// With the operands of the verb: one is what picocli could place nowhere beside the rest.
    private static List<ArgSpec> withOperands(List<ArgSpec> given, ParameterException e) {
        List<ArgSpec> all = new ArrayList<>(given);
        all.addAll(e.getCommandLine().getCommandSpec().positionalParameters());
        return all;
    }

    /// The first two of which picocli takes only one.
    private static Optional<String> conflict(List<ArgSpec> given) {
        for (ArgSpec later : given) {
            for (ArgSpec earlier : given.subList(0, given.indexOf(later))) {
                if (excludeEachOther(earlier, later)) {
                    return Optional.of(
                            "%s and %s do not go together; leave one of them out"
                                    .formatted(name(earlier), name(later)));
                }
            }
        }
        return Optional.empty();
    }

    /// The first option that was given more than once and may not be.
    private static Optional<String> twice(List<ArgSpec> given, String[] arguments) {
        return given.stream()
                .filter(it -> it instanceof OptionSpec && !it.isMultiValue())
                .map(WrongWords::name)
                .filter(name -> 1 < Arrays.stream(arguments).filter(it -> is(name, it)).count())
                .findFirst()
                .map(name -> name + " is given more than once; give it once");
    }

    private static boolean is(String option, String argument) {
        return argument.equals(option) || argument.startsWith(option + "=");
    }

    private static boolean excludeEachOther(ArgSpec one, ArgSpec other) {
        return smallestWith(one, other).map(ArgGroupSpec::exclusive).orElse(false);
    }

    private static Optional<ArgGroupSpec> smallestWith(ArgSpec one, ArgSpec other) {
        List<ArgGroupSpec> around = groups(other);
        return groups(one).stream().filter(around::contains).findFirst();
    }

    /// The groups around an option, from the smallest on.
    private static List<ArgGroupSpec> groups(ArgSpec of) {
        List<ArgGroupSpec> groups = new ArrayList<>();
        for (ArgGroupSpec group = of.group(); group != null; group = group.parentGroup()) {
            groups.add(group);
        }
        return groups;
    }

    /// What was given that needs something else beside it: an option, or one of several.
    private static Optional<String> lacking(MissingParameterException e, List<ArgSpec> given) {
        List<String> there = given.stream().map(WrongWords::name).toList();
        for (ArgSpec missing : e.getMissing()) {
            for (ArgSpec it : given) {
                List<String> needed =
                        smallestWith(missing, it)
                                .filter(group -> !group.exclusive())
                                .map(WrongWords::needed)
                                .orElse(List.of());
                if (!needed.isEmpty() && disjoint(needed, there)) {
                    return Optional.of(
                            "%s has no effect without %s; add it, or leave %s out"
                                    .formatted(name(it), String.join(" or ", needed), name(it)));
                }
            }
        }
        return Optional.empty();
    }

    /// The options that a group cannot do without, those of its groups included: any one of them.
    private static List<String> needed(ArgGroupSpec group) {
        List<String> needed = new ArrayList<>();
        for (ArgSpec option : group.args()) {
            if (option.required()) {
                needed.add(name(option));
            }
        }
        for (ArgGroupSpec inside : group.subgroups()) {
            if (inside.multiplicity().min() > 0 || group.exclusive()) {
                needed.addAll(needed(inside));
            }
        }
        return needed;
    }

    private static String name(ArgSpec of) {
        return of instanceof OptionSpec option ? option.longestName() : of.paramLabel();
    }
}
