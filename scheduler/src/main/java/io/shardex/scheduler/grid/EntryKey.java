package io.shardex.scheduler.grid;

import javax.cache.Cache;
import org.apache.ignite.lang.IgniteClosure;

/** Runs where an entry lies, so that a listing of names does not carry the values. */
final class EntryKey implements IgniteClosure<Cache.Entry<String, byte[]>, String> {
  private static final long serialVersionUID = 1;

  @Override
  public String apply(Cache.Entry<String, byte[]> entry) {
    return entry.getKey();
  }
}
