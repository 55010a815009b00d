package io.shardex.market.state;

/**
 * What the market remembers of an owner.
 *
 * @param verified shards of it that were verified since it last lied or was silent as an auditor
 * @param lies it was proven to have told
 * @param missed audits it was drawn for and did not make
 */
public record Standing(long verified, long lies, long missed) {
  static final Standing NEW = new Standing(0, 0, 0);

  Standing countVerified() {
    return new Standing(verified + 1, lies, missed);
  }

  Standing countLie() {
    return new Standing(0, lies + 1, missed);
  }

  Standing countMissed() {
    return new Standing(0, lies, missed + 1);
  }
}
