import type { DiskIssueCode } from '@deadbox/disk';
import type { EncryptionIssueCode } from '@deadbox/encryption';
import type { FatIssueCode } from '@deadbox/fat';
import type { ImageIssueCode } from '@deadbox/image';
import type { NtfsIssueCode } from '@deadbox/ntfs';
import type { PartitionIssueCode } from '@deadbox/partitions';
import type { LeftOutCode } from '@deadbox/triage';
import type { WindowsIssueCode } from '@deadbox/windows';

/** Every code that an issue of deadbox can have. */
export type IssueCode =
  | ImageIssueCode
  | PartitionIssueCode
  | EncryptionIssueCode
  | NtfsIssueCode
  | FatIssueCode
  | DiskIssueCode
  | WindowsIssueCode
  | LeftOutCode;

/** What each issue says, as one sentence; the particulars are its facts. */
export type IssueWords = Readonly<Record<IssueCode, string>>;
