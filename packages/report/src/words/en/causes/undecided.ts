/** What was looked at and is no cause of its own, and why; shown in docs/causes.md. */
export const undecided: Readonly<Record<string, string>> = {
  'policy-hang':
    'Nothing on the disk tells a policy that hangs from one that takes long; the event log names the service at best.',
  'secure-boot-state':
    "Which certificates the firmware trusts stands in the firmware's variables, not on the disk; the pending bits in the registry say what Windows meant to do, not what the next machine has.",
  'volume-formats-of-the-host':
    "Which controller, firmware type and variables the virtual machine has is the hypervisor's; the report says on which platforms an installation can start instead.",
  'dc-update-loop':
    'Updates that restart domain controllers are known by build and package: rule files judge them, one for each update.',
  'bcd-resume-stale (volume changed since)':
    'A hibernation image that is missing or not valid is found; whether the volume changed after it was written is not compared.',
  'hibernated-mismatch (another machine)':
    'That an image was written on other hardware stands in the image in a form that is not published; only its time is compared with the volume.',
  'catalog-store-damaged (large stores)':
    'Of a store with more than 64 catalogs or 2 MiB the empty and the newest catalogs are examined, but not all are read: whether one of them lists a driver is decided for smaller stores only.',
  'core-file-bad (content of large files)':
    'Digests are compared for the first 4 MiB of core files and as many of drivers; of a larger file, such as the kernel, the checksum is, up to 16 MiB. What comes after that is examined by its headers and its length.',
  'lsa-package-missing (RunAsPPL)':
    'Whether a plug-in of LSASS is signed as a protected process needs is not examined.',
  'ci-blocked-driver (writable and executable sections)':
    'The event log names the drivers that were blocked; the sections of drivers that were never loaded are not examined for it.',
  'ntfs-log-unreplayable (sequence numbers behind)':
    'Damaged restart pages are found; sequence numbers of records that are ahead of the log are not compared.',
};
