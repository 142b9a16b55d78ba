package dev.isoflop.budget;

import dev.isoflop.fault.Check;

import java.math.BigDecimal;
import java.util.Currency;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// An amount of money, as a price of a device for an hour or as a budget.
///
/// @param amount in the currency's main unit
/// @param currency its ISO 4217 code, such as `USD`
public record Price(BigDecimal amount, String currency) {

    private static final Pattern PRICE =
            Pattern.compile("([0-9][0-9_]*(?:\\.[0-9]+)?)\\s*([A-Za-z]{3})");

    public Price {
        Check.that(amount.signum() > 0, "amount is %s; it must be positive", amount);
        Check.that(isCurrency(currency), "currency is %s; write a code such as USD", currency);
    }

    /// Reads `3.22 USD`.
    ///
    /// @throws IllegalArgumentException saying what would do
    public static Price parse(String text) {
        Matcher m = PRICE.matcher(text.strip());
        Check.that(
                m.matches() && isCurrency(m.group(2).toUpperCase(Locale.ROOT)),
                "write an amount and a currency's code, such as 3.22 USD");
        return new Price(
                new BigDecimal(m.group(1).replace("_", "")), m.group(2).toUpperCase(Locale.ROOT));
    }

    /// Whether a code is that of a currency.
    static boolean isCurrency(String code) {
        return Currency.getAvailableCurrencies().stream()
                .anyMatch(currency -> currency.getCurrencyCode().equals(code));
    }
}
