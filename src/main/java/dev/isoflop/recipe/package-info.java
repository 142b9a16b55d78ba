/// Recipes: runs described by YAML files, read strictly.
///
/// Start with [Table][dev.isoflop.recipe.Table]: each config reads itself from one
/// (`Config.from(Table)`), and the table adds file, line and key to whatever is wrong. `YamlReader`
/// and `YamlWriter` are the way in and out of the file; `Value` is what stands between.
/// [Variations][dev.isoflop.recipe.Variations] makes the runs of a study. Pure: loads nothing
/// native.
@NullMarked
package dev.isoflop.recipe;

import org.jspecify.annotations.NullMarked;
