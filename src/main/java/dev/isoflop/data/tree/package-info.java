/// Files as datasets see them: paths below a root, whether it is a folder or a `.tar` that is read
/// in place.
///
/// Read {@link dev.isoflop.data.tree.FileTree} first. {@link dev.isoflop.data.tree.ImageFiles} says
/// which of them are images, and {@link dev.isoflop.data.tree.ImageNames} finds one by the name
/// that an annotation gives it. Nothing here decodes an image or knows what is in one.
@NullMarked
package dev.isoflop.data.tree;

import org.jspecify.annotations.NullMarked;
