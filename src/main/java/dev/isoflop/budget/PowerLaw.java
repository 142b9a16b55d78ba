package dev.isoflop.budget;

import dev.isoflop.fault.Check;

import org.hipparchus.distribution.continuous.TDistribution;
import org.hipparchus.stat.regression.SimpleRegression;

import java.util.List;

/// Steps per second as a power of the FLOPs of a step: a straight line through the logarithms, by
/// least squares.
///
/// Koppula et al. 2022, section A.1, step 2, turn FLOPs into hours so; they report R2 = 0.97 and do
/// not say in which space, so both are here.
///
/// @param slope of the line: -1 where time grows with FLOPs
/// @param intercept of the line, in natural logarithms
/// @param points how many it was fitted to
/// @param r2Log share of the variance explained, of the logarithms
/// @param r2Linear share of the variance explained, of steps per second themselves
/// @param meanLogFlops mean of the logarithms of FLOPs
/// @param spreadLogFlops their sum of squared deviations
/// @param residual standard error of the regression, of logarithms
public record PowerLaw(
        double slope,
        double intercept,
        int points,
        double r2Log,
        double r2Linear,
        double meanLogFlops,
        double spreadLogFlops,
        double residual) {

    private static final int LEAST_POINTS = 3; // two leave no freedom for an error

    /// A step that was timed.
    ///
    /// @param flops of the step on one device, convention matmul
    /// @param stepsPerSecond that were measured
    public record Point(double flops, double stepsPerSecond) {

        public Point {
            Check.that(flops > 0, "flops is %s; it must be positive", flops);
            Check.that(
                    stepsPerSecond > 0 && Double.isFinite(stepsPerSecond),
                    "stepsPerSecond is %s; it must be positive",
                    stepsPerSecond);
        }
    }

    /// A range that a measurement falls into with some probability.
    public record Interval(double low, double high) {}

    /// Fits the line.
    ///
    /// @throws IllegalArgumentException for fewer than three points, or all of one size
    public static PowerLaw fit(List<Point> points) {
        Check.that(
                points.size() >= LEAST_POINTS,
                "points is %s of them; a power law needs three, of different size",
                points.size());
        SimpleRegression line = new SimpleRegression();
        points.forEach(p -> line.addData(Math.log(p.flops), Math.log(p.stepsPerSecond)));
        Check.that(
                line.getXSumSquares() > 0,
                "points is of steps that all have %s FLOP; measure steps of different size",
                points.getFirst().flops);
        double slope = line.getSlope();
        double intercept = line.getIntercept();
        return new PowerLaw(
                slope,
                intercept,
                points.size(),
                line.getRSquare(),
                r2Linear(points, slope, intercept),
                points.stream().mapToDouble(p -> Math.log(p.flops)).average().orElseThrow(),
                line.getXSumSquares(),
                Math.sqrt(line.getMeanSquareError()));
    }

    private static double r2Linear(List<Point> points, double slope, double intercept) {
        double mean = points.stream().mapToDouble(Point::stepsPerSecond).average().orElseThrow();
        double left = 0;
        double total = 0;
        for (Point p : points) {
            double said = Math.exp(intercept + slope * Math.log(p.flops));
            left += (p.stepsPerSecond - said) * (p.stepsPerSecond - said);
            total += (p.stepsPerSecond - mean) * (p.stepsPerSecond - mean);
        }
        return 1 - left / total;
    }

    /// Steps per second at so many FLOPs a step.
    public double at(double flops) {
        return Math.exp(intercept + slope * Math.log(flops));
    }

    /// Where one further measurement would fall: the prediction interval of the line by Student's t
    /// distribution, back from logarithms.
    ///
    /// @param confidence such as 0.95
    public Interval interval(double flops, double confidence) {
        double away = Math.log(flops) - meanLogFlops;
        double error = residual * Math.sqrt(1 + 1.0 / points + away * away / spreadLogFlops);
        double t = new TDistribution(points - 2).inverseCumulativeProbability((1 + confidence) / 2);
        double middle = intercept + slope * Math.log(flops);
        return new Interval(Math.exp(middle - t * error), Math.exp(middle + t * error));
    }
}
