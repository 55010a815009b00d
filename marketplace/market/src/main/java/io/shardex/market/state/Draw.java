package io.shardex.market.state;

import io.shardex.market.Address;
import io.shardex.market.Digest;
import io.shardex.market.JobId;
import io.shardex.pricing.PartsPerMillion;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;

/**
 * A slot whose beacon something waits for.
 *
 * @param members whose places make it, by key
 * @param places those that are known
 * @param jobs that wait for their last draw
 * @param challenges the probability at which owners are challenged; empty if nobody is
 */
public record Draw(
    List<Address> members,
    NavigableMap<Address, Digest> places,
    List<JobId> jobs,
    Optional<PartsPerMillion> challenges) {
  public Draw {
    members = List.copyOf(members);
    places = Collections.unmodifiableNavigableMap(new TreeMap<>(places));
    jobs = List.copyOf(jobs);
  }

  static Draw of(List<Address> members) {
    return new Draw(members, Collections.emptyNavigableMap(), List.of(), Optional.empty());
  }

  public boolean isComplete() {
    return places.size() == members.size();
  }

  /** The members whose places have not come. */
  public List<Address> missing() {
    return members.stream().filter(member -> !places.containsKey(member)).toList();
  }

  Draw with(Address member, Digest place) {
    TreeMap<Address, Digest> more = new TreeMap<>(places);
    more.put(member, place);
    return new Draw(members, more, jobs, challenges);
  }

  Draw with(JobId job) {
    List<JobId> more = new ArrayList<>(jobs);
    more.add(job);
    return new Draw(members, places, more, challenges);
  }

  Draw with(PartsPerMillion rate) {
    return new Draw(members, places, jobs, Optional.of(rate));
  }
}
