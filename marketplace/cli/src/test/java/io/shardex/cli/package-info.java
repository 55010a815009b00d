@NullMarked
package io.shardex.cli;

import org.jspecify.annotations.NullMarked;
