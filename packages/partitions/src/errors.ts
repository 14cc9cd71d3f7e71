/**
 * Issue codes of `@deadbox/partitions`. Reading a table throws only what its source throws: whatever is wrong with the
 * table itself is an issue, and the partitions that can be told still come out.
 *
 * - `gpt.header-damaged` a header is not usable; `data.copy`, `data.reason`
 * - `gpt.entries-damaged` the checksum of a partition entry array does not match; `data.copy`
 * - `gpt.backup-used` the partitions come from the backup header
 * - `gpt.backup-not-at-end` the backup header is not in the last sector, as after a disk was enlarged
 * - `gpt.copies-differ` both copies are sound but say different things
 * - `gpt.protective-mbr-missing` a GPT without its protective MBR
 * - `gpt.hybrid-mbr` the MBR lists partitions beside the protective one
 * - `gpt.unused-headers` a GPT header lies on a disk whose MBR says that it is not GPT
 * - `gpt.array-capped` the header claims more entry bytes than are read
 * - `mbr.boot-indicator` a boot indicator is neither 0x00 nor 0x80, so firmware takes sector 0 for no MBR
 * - `mbr.signature-missing` sector 0 lacks 55 AA, but its entries lead to volumes
 * - `mbr.extended-broken` an extended boot record is missing, outside the disk or without signature
 * - `mbr.extended-loop` a chain of extended boot records comes back to itself
 * - `mbr.extended-capped` a chain is longer than is read
 * - `mbr.logical-outside-extended` a logical partition leaves its extended partition
 * - `partition.outside-disk` a partition ends behind the end of the disk; `data.present` bytes of it are there
 * - `partition.inverted` the last sector lies before the first
 * - `partition.overlap` two partitions share sectors
 * - `partition.too-many` the table has so many that the others are left out
 * - `partition.overlap-capped` so many partitions share sectors that the others of them are left out
 * - `ldm.private-header-missing` a dynamic disk without its private header; its partitions are shown as the table has
 * them
 * - `ldm.database-damaged` the database of a dynamic disk is missing or has fewer records than it says
 * - `ldm.record-damaged` a record of it cannot be understood
 * - `table.unreadable` part of the table could not be read
 */
export type PartitionIssueCode =
  | 'gpt.header-damaged'
  | 'gpt.entries-damaged'
  | 'gpt.backup-used'
  | 'gpt.backup-not-at-end'
  | 'gpt.copies-differ'
  | 'gpt.protective-mbr-missing'
  | 'gpt.hybrid-mbr'
  | 'gpt.unused-headers'
  | 'gpt.array-capped'
  | 'mbr.boot-indicator'
  | 'mbr.signature-missing'
  | 'mbr.extended-broken'
  | 'mbr.extended-loop'
  | 'mbr.extended-capped'
  | 'mbr.logical-outside-extended'
  | 'partition.outside-disk'
  | 'partition.inverted'
  | 'partition.overlap'
  | 'partition.overlap-capped'
  | 'partition.too-many'
  | 'ldm.private-header-missing'
  | 'ldm.database-damaged'
  | 'ldm.record-damaged'
  | 'table.unreadable';
