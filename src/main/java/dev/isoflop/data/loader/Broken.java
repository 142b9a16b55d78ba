package dev.isoflop.data.loader;

/// An image that could not be used.
///
/// @param name as its dataset names it
/// @param reason what is wrong with it
public record Broken(String name, String reason) {}
