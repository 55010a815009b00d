@NullMarked
package io.shardex.ops.founding;

import org.jspecify.annotations.NullMarked;
