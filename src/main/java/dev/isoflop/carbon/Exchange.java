package dev.isoflop.carbon;

import dev.isoflop.budget.Budget;
import dev.isoflop.budget.Precision;
import dev.isoflop.budget.Price;

import java.math.BigInteger;
import java.util.Optional;

/// From hours, energy, carbon or money to steps, at the figures that a plan shows: the middle of
/// each band.
///
/// @param step the footprint of one step
public record Exchange(Footprint step) implements Budget.Rates {

    /// The rates of a recipe.
    ///
    /// @param flopsPerStep over all devices, convention matmul
    public static Exchange of(Conditions cost, Precision precision, BigInteger flopsPerStep) {
        return new Exchange(Footprint.of(cost, precision, flopsPerStep, 1));
    }

    /// What a recipe lacks to spend such a budget, in words that follow the budget; nothing if it
    /// can.
    ///
    /// @param cost its conditions, if it has any
    public static Optional<String> lack(Budget.Cost budget, Optional<Conditions> cost) {
        if (cost.isEmpty()) {
            return Optional.of(
                    "say on what it is spent: add cost: with on: and a device, such as on: h100"
                            + " (or --on h100)");
        }
        return switch (budget) {
            case Budget.Hours _, Budget.DeviceHours _ -> Optional.empty();
            case Budget.Energy _ -> lackOfPower(cost.get());
            case Budget.Carbon _ -> lackOfPower(cost.get()).or(() -> lackOfCarbon(cost.get()));
            case Budget.Money money -> lackOfPrice(money, cost.get().price());
        };
    }

    private static Optional<String> lackOfPower(Conditions cost) {
        return cost.device().power().isPresent()
                ? Optional.empty()
                : Optional.of(
                        "but %s states no power; add power: with mean, meaning, source and date to its file, or name another device at cost.on"
                                .formatted(cost.device().id()));
    }

    private static Optional<String> lackOfCarbon(Conditions cost) {
        return cost.grid().intensity().value() > 0
                ? Optional.empty()
                : Optional.of(
                        "but %s emits nothing, so it would never end; write it in kWh"
                                .formatted(cost.grid().id()));
    }

    private static Optional<String> lackOfPrice(Budget.Money money, Optional<Price> price) {
        if (price.isEmpty()) {
            return Optional.of(
                    "add cost.price, what one device costs an hour, such as price: 3.22 %s (or --price '3.22 %s')"
                            .formatted(money.unit(), money.unit()));
        }
        String other = price.get().currency();
        return other.equals(money.unit())
                ? Optional.empty()
                : Optional.of(
                        "but cost.price is in %s; write both in one currency".formatted(other));
    }

    @Override
    public double ofOneStep(Budget.Cost budget) {
        return switch (budget) {
            case Budget.Hours _ -> step.hours().value();
            case Budget.DeviceHours _ -> step.deviceHours().value();
            case Budget.Energy _ -> step.energy().orElseThrow().value();
            case Budget.Carbon _ -> step.carbon().orElseThrow().value();
            case Budget.Money _ -> step.money().orElseThrow().value();
        };
    }
}
