/** What was looked at and is no cause of its own, and why; shown in docs/causes.md. */
export const undecided: Readonly<Record<string, string>> = {
  'policy-hang':
    'Nothing on the disk tells a policy that hangs from one that takes long; the event log names the service at best.',
  'secure-boot-state':
    "Which certificates the firmware trusts stands in the firmware's variables, not on the disk; the pending bits in the registry say what Windows meant to do, not what the next machine has.",
  'volume-formats-of-the-host':
    "Which controller, firmware type and variables the virtual machine has is the hypervisor's; the report says on which platforms an installation can start instead.",
};
