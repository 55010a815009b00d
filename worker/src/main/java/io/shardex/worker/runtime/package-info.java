/** What trains: the reference arithmetic on threads of this process. */
@NullMarked
package io.shardex.worker.runtime;

import org.jspecify.annotations.NullMarked;
