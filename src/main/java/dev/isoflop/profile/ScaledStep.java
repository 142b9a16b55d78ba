package dev.isoflop.profile;

import dev.isoflop.fault.RunException;
import dev.isoflop.torch.LibTorch;
import dev.isoflop.torch.Part;
import dev.isoflop.trace.Bill;
import dev.isoflop.trace.Cost;
import dev.isoflop.trace.Usage;
import dev.isoflop.vit.Scalable.Size;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.ToLongFunction;
import java.util.stream.Stream;

/// What a step of any size executes, without the memory or the time that it takes: from tiny real
/// steps, scaled.
///
/// Every figure of a bill is a polynomial of small, known degree in the sizes of {@link Sizes}; so
/// as many tiny steps as it has coefficients determine it, exactly. Two things are checked each
/// time, and are errors: two more tiny steps, one wider and of more images, one deeper than those,
/// must be what they predict, to the unit, in every count of every operator of every part; and the
/// matrix products of the result must be those of the formula.
///
/// A size that is small already stays as it is.
final class ScaledStep {

    private static final List<Size> ROWS =
            List.of(Size.MICRO_BATCHES, Size.MICRO_BATCH, Size.BATCH);

    private static final double NEAR = 0.05;

    private final TracedStep wanted;
    private final Sizes sizes;
    private final Map<Size, Long> target;
    private final Set<Size> scaled = EnumSet.noneOf(Size.class);
    private final List<long[]> rows; // batch and micro-batch, a point
    private final long[] largerRows; // likewise, of the step that checks

    private ScaledStep(TracedStep wanted) {
        this.wanted = wanted;
        sizes = new Sizes(wanted);
        target = sizes.values();
        for (Size size : Size.values()) {
            if (!ROWS.contains(size) && Objects.requireNonNull(target.get(size)) > level(size, 3)) {
                scaled.add(size);
            }
        }
        int batch = wanted.batch();
        int micro = wanted.microBatch();
        boolean small = batch <= 4 || (batch <= 8 && Math.ceilDiv(batch, micro) <= 3);
        if (small) {
            rows = List.of(new long[] {batch, micro});
            largerRows = rows.getFirst();
        } else if (micro == batch || micro == 1) {
            rows = new ArrayList<>();
            long last = sizes.compares() ? 4 : 3; // two, and one more for each degree
            for (long n = 2; n <= last; n++) {
                rows.add(new long[] {n, micro == 1 ? 1 : n});
            }
            largerRows = new long[] {last + 1, micro == 1 ? 1 : last + 1};
        } else if (batch % micro
                == 1) { // a last micro-batch of one image: views of it need no copies
            rows = List.of(pair(3, 2), pair(5, 2), pair(4, 3), pair(5, 4));
            largerRows = pair(7, 3);
        } else {
            rows = List.of(pair(6, 3), pair(6, 2), pair(7, 4), pair(8, 4));
            largerRows = pair(8, 3);
        }
    }

    private static long[] pair(long batch, long micro) {
        return new long[] {batch, micro};
    }

    /// What the step executes, and the memory that it would need on a CPU.
    ///
    /// @throws RunException if a check fails: no figure is given then
    public static Executed of(TracedStep wanted) {
        LibTorch.loadForSmallSteps();
        ScaledStep step = new ScaledStep(wanted);
        Executed executed =
                step.rows.size() == 1 && step.scaled.isEmpty()
                        ? wanted.executed(Optional.empty())
                        : step.scaled();
        BigInteger formula = wanted.price().add(wanted.recomputed());
        long matmul = executed.bill().total().cost().matmul();
        if (!formula.equals(BigInteger.valueOf(matmul))) {
            throw new RunException(
                    "the scaled step has %,d FLOP of matrix products where the formula has %,d; a defect: no figure is given"
                            .formatted(matmul, formula));
        }
        return executed;
    }

    /// The value of a size in the tiny steps: the first where it does not matter, and one more for
    /// each degree; the last is that of the step that checks.
    private long level(Size size, int index) {
        long[] levels =
                switch (size) {
                    case HEADS -> heads(wanted.shape().width() / wanted.shape().heads());
                    case HEAD_WIDTH -> // with several heads their number tells the steps apart
                            scaled.contains(Size.HEADS)
                                    ? new long[] {16, 32, 32, 32}
                                    : new long[] {16, 32, 48, 64};
                    case SECOND_HEADS -> heads(sizes.widthPerSecondHead());
                    case DEPTH, SECOND_DEPTH -> new long[] {1, 2, 2, 3};
                    case HIDDEN -> new long[] {32, 48, 64, 80};
                    case WORDS -> new long[] {96, 160, 160, 224};
                    case MICRO_BATCHES, MICRO_BATCH, BATCH -> new long[] {1, 1, 1, 1};
                };
        return levels[index];
    }

    /// Two heads and more, so that their width is a multiple of 4.
    private static long[] heads(int perHead) {
        long step = perHead % 4 == 0 ? 1 : perHead % 2 == 0 ? 2 : 4;
        return new long[] {2 * step, 3 * step, 4 * step, 5 * step};
    }

    private Executed scaled() {
        List<List<Size>> inRows = rowMonomials();
        List<List<Size>> monomials = new ArrayList<>();
        List<Map<Size, Long>> points = new ArrayList<>();
        Set<List<Size>> bodies = new LinkedHashSet<>();
        for (List<Size> monomial : sizes.monomials()) {
            bodies.add(monomial.stream().filter(scaled::contains).sorted().toList());
        }
        for (List<Size> body : bodies) {
            for (int row = 0; row < inRows.size(); row++) {
                List<Size> inRow = inRows.get(row);
                if (inRow.size() < 2 || body.isEmpty()) {
                    monomials.add(Stream.concat(body.stream(), inRow.stream()).toList());
                    points.add(point(body, rows.get(row)));
                }
            }
        }
        List<Map<Size, Long>> others = others();
        List<Executed> steps = executed(Stream.concat(points.stream(), others.stream()).toList());
        List<Executed> seen = steps.subList(points.size(), steps.size());
        List<Executed> known = steps.subList(0, points.size());
        List<List<Size>> inMemory = monomials.stream().map(ScaledStep::inMemory).toList();
        Scaling<Size> counts = new Scaling<>(monomials, points);
        Scaling<Size> bytes = new Scaling<>(inMemory, points);
        for (int i = 0; i < others.size(); i++) {
            Map<Size, Long> other = others.get(i);
            check(seen.get(i), new Sum(known, counts.at(other), bytes.at(other)).executed());
        }
        return new Sum(known, counts.at(target), bytes.at(target)).executed();
    }

    /// Takes a tiny step at each point; another thread reads what one left behind while the next
    /// one runs.
    private List<Executed> executed(List<Map<Size, Long>> points) {
        try (ExecutorService reader = Executors.newSingleThreadExecutor()) {
            List<Future<Executed>> read = new ArrayList<>();
            for (Map<Size, Long> point : points) {
                TracedStep.Recorded taken = sizes.at(point).recorded();
                read.add(reader.submit(taken::executed));
            }
            List<Executed> steps = new ArrayList<>();
            for (Future<Executed> step : read) {
                steps.add(step.get());
            }
            return steps;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new RunException("interrupted while small steps were read", e);
        } catch (ExecutionException e) {
            throw new IllegalStateException("a traced step could not be read: " + e, e);
        }
    }

    /// In micro-batches and images; methods that compare all images have the square of these as
    /// well.
    private List<List<Size>> rowMonomials() {
        List<List<Size>> all = new ArrayList<>();
        all.add(List.of());
        if (rows.size() > 1) {
            if (rows.size() == 4) {
                all.add(List.of(Size.MICRO_BATCHES));
            }
            all.add(List.of(Size.BATCH));
            if (sizes.compares()) {
                all.add(List.of(Size.BATCH, Size.BATCH));
            }
        }
        return all;
    }

    /// The same monomial of memory, which knows the largest micro-batch and not how many there are.
    private static List<Size> inMemory(List<Size> monomial) {
        return monomial.stream()
                .map(it -> it == Size.MICRO_BATCHES ? Size.MICRO_BATCH : it)
                .toList();
    }

    private Map<Size, Long> point(List<Size> body, long[] batchAndMicro) {
        Map<Size, Long> point = new EnumMap<>(target);
        for (Size size : scaled) {
            point.put(size, level(size, Collections.frequency(body, size)));
        }
        return withRows(point, batchAndMicro);
    }

    /// The steps that check: one of more images and wider, one of more blocks. A single step of all
    /// of these would cost as much as all others together.
    private List<Map<Size, Long>> others() {
        Map<Size, Long> wider = new EnumMap<>(target);
        Map<Size, Long> deeper = new EnumMap<>(target);
        for (Size size : scaled) {
            boolean blocks = size == Size.DEPTH || size == Size.SECOND_DEPTH;
            wider.put(size, level(size, blocks ? 0 : 3));
            deeper.put(size, level(size, blocks ? 3 : 0));
        }
        return List.of(withRows(wider, largerRows), withRows(deeper, rows.getFirst()));
    }

    private static Map<Size, Long> withRows(Map<Size, Long> point, long[] batchAndMicro) {
        point.put(Size.BATCH, batchAndMicro[0]);
        point.put(Size.MICRO_BATCH, batchAndMicro[1]);
        point.put(Size.MICRO_BATCHES, Math.ceilDiv(batchAndMicro[0], batchAndMicro[1]));
        return point;
    }

    /// Holds a tiny step to what the others predict of it.
    ///
    /// @throws RunException naming the first figure that differs
    public static void check(Executed seen, Executed predicted) {
        SortedSet<Bill.Entry> entries = new TreeSet<>(seen.bill().entries().keySet());
        entries.addAll(predicted.bill().entries().keySet());
        for (Bill.Entry entry : entries) {
            Usage real = seen.bill().entries().getOrDefault(entry, Usage.NOTHING);
            Usage guess = predicted.bill().entries().getOrDefault(entry, Usage.NOTHING);
            same(entry.part().title() + ", " + entry.operator(), real, guess);
        }
        same("memory", seen.held(), predicted.held());
        double kept = seen.bill().activations().sum(); // an estimate
        if (Math.abs(predicted.bill().activations().sum() - kept) > NEAR * kept) {
            same("activations", seen.bill().activations(), predicted.bill().activations());
        }
    }

    private static void same(String what, Object real, Object predicted) {
        if (!real.equals(predicted)) {
            throw new RunException(
                    "this step does not scale as it should, a defect: of %s a small real step has %s where others predict %s; no figure is given"
                            .formatted(what, real, predicted));
        }
    }

    /// A weighted sum of executed steps.
    private record Sum(List<Executed> steps, Scaling.Weights counts, Scaling.Weights bytes) {

        Executed executed() {
            SortedSet<Bill.Entry> all = new TreeSet<>();
            steps.forEach(step -> all.addAll(step.bill().entries().keySet()));
            SortedMap<Bill.Entry, Usage> entries = new TreeMap<>();
            for (Bill.Entry entry : all) {
                Usage usage = usage(entry);
                if (!usage.equals(Usage.NOTHING)) {
                    entries.put(entry, usage);
                }
            }
            Bill.Activations activations = new Bill.Activations(kept());
            return new Executed(new Bill(entries, activations), held());
        }

        private Usage usage(Bill.Entry entry) {
            return new Usage(
                    count(entry, Usage::calls),
                    new Cost(
                            count(entry, usage -> usage.cost().matmul()),
                            count(entry, usage -> usage.cost().elementwise()),
                            count(entry, usage -> usage.cost().transcendental()),
                            count(entry, usage -> usage.cost().moved())),
                    count(entry, Usage::read),
                    count(entry, Usage::written));
        }

        private long count(Bill.Entry entry, ToLongFunction<Usage> column) {
            return counts.of(
                    steps.stream()
                            .map(it -> it.bill().entries().getOrDefault(entry, Usage.NOTHING))
                            .map(column::applyAsLong)
                            .toList());
        }

        private SortedMap<Part, Long> kept() {
            SortedMap<Part, Long> sums = new TreeMap<>();
            for (Part part : Part.values()) {
                long sum =
                        bytes.about(
                                steps.stream()
                                        .map(it -> it.bill().activations().kept())
                                        .map(it -> it.getOrDefault(part, 0L))
                                        .toList());
                if (sum != 0) {
                    sums.put(part, sum);
                }
            }
            return sums;
        }

        private Executed.Held held() {
            return new Executed.Held(
                    bytes(Executed.Held::parameters),
                    bytes(Executed.Held::others),
                    bytes(Executed.Held::gradients),
                    bytes(Executed.Held::optimiser),
                    bytes(Executed.Held::images));
        }

        private long bytes(ToLongFunction<Executed.Held> column) {
            return bytes.of(steps.stream().map(Executed::held).map(column::applyAsLong).toList());
        }
    }
}
