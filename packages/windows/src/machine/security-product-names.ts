/** How a security product is recognised: by the names of the services and drivers that it registers. */
export interface SecurityProductSignature {
  readonly product: string;
  readonly vendor: string;
  /** Service names, lower case; the first ones are the drivers whose file version is the product's. */
  readonly services: readonly string[];
  /**
   * Folder of its drivers below `System32\drivers`: names beside it, and beside its first driver in it, were given by
   * somebody.
   */
  readonly folder?: string;
  /** How its entry in the list of programs begins. */
  readonly program?: string;
  /**
   * Where the machine's ids are: a key of SYSTEM, below the control set for `Services\…`, and a value. The first place
   * that has one counts.
   */
  readonly identifiers?: Readonly<Record<string, readonly (readonly [key: string, value: string])[]>>;
  /** A service that every Windows has: the product is in use only where this value of SOFTWARE is 1. */
  readonly onboarded?: readonly [key: string, value: string];
}

/**
 * Service names of security products. Those of CrowdStrike and Microsoft are from the vendors' public documentation,
 * the others from general knowledge of public installation guides: they name what is installed and decide nothing.
 */
export const SECURITY_PRODUCTS: readonly SecurityProductSignature[] = [
  {
    product: 'Falcon Sensor',
    vendor: 'CrowdStrike',
    services: ['csagent', 'csboot', 'csdevicecontrol', 'csfalconservice', 'csfirmwareanalysis'],
    folder: 'CrowdStrike',
    program: 'CrowdStrike Windows Sensor',
    identifiers: {
      agentId: [
        ['CrowdStrike\\{9b03c1d9-3138-44ed-9fae-d9f4c034b88d}\\{16e0423f-7058-48c9-a204-725362b67639}\\Default', 'AG'],
        ['Services\\CSAgent\\Sim', 'AG'],
      ],
      customerId: [
        ['CrowdStrike\\{9b03c1d9-3138-44ed-9fae-d9f4c034b88d}\\{16e0423f-7058-48c9-a204-725362b67639}\\Default', 'CU'],
        ['Services\\CSAgent\\Sim', 'CU'],
      ],
    },
  },
  {
    product: 'Defender Antivirus',
    vendor: 'Microsoft',
    services: ['wdfilter', 'wdboot', 'wdnisdrv', 'windefend', 'wdnissvc'],
  },
  {
    product: 'Defender for Endpoint',
    vendor: 'Microsoft',
    services: ['sense'],
    onboarded: ['Microsoft\\Windows Advanced Threat Protection\\Status', 'OnboardingState'],
  },
  {
    product: 'Singularity (SentinelOne)',
    vendor: 'SentinelOne',
    services: ['sentinelmonitor', 'sentinelelam', 'sentineldevicecontrol', 'sentinelagent', 'sentinelstaticengine'],
  },
  {
    product: 'Carbon Black',
    vendor: 'Broadcom',
    services: ['ctifile', 'ctinet', 'cbelam', 'cbdefense', 'cbdefensewsc', 'carbonblackk', 'carbonblack', 'cbk7'],
  },
  { product: 'App Control (Bit9)', vendor: 'Broadcom', services: ['parity', 'paritydriver'] },
  {
    product: 'Endpoint Protection',
    vendor: 'Symantec',
    services: [
      'srtsp',
      'srtspx',
      'bhdrvx64',
      'symefasi',
      'symefa',
      'symelam',
      'symnets',
      'sydvctrl',
      'sepmasterservice',
    ],
  },
  {
    product: 'Endpoint Security',
    vendor: 'Trellix (McAfee)',
    services: ['mfehidk', 'mfeavfk', 'mfeelamk', 'mfefirek', 'mfewfpk', 'mfeaack', 'mfemms', 'mcshield', 'masvc'],
  },
  { product: 'Endpoint Security HX', vendor: 'Trellix (FireEye)', services: ['fekern', 'fewscservice', 'xagt'] },
  {
    product: 'Apex One / Deep Security',
    vendor: 'Trend Micro',
    services: ['tmcomm', 'tmactmon', 'tmevtmgr', 'tmebc', 'tmeyes', 'tmumh', 'tbimdsa', 'ntrtscan', 'ds_agent'],
  },
  {
    product: 'Endpoint',
    vendor: 'Sophos',
    services: [
      'sophosed',
      'sophosel',
      'savonaccess',
      'hmpalert',
      'sntp',
      'savservice',
      'sophos endpoint defense service',
    ],
  },
  {
    product: 'Endpoint Security',
    vendor: 'ESET',
    services: ['eamonm', 'ehdrv', 'eelam', 'edevmon', 'epfwwfp', 'ekrn'],
  },
  {
    product: 'Endpoint Security',
    vendor: 'Kaspersky',
    services: ['klif', 'klhk', 'klelam', 'kl1', 'klflt', 'kneps', 'klnagent'],
  },
  {
    product: 'Endpoint Security',
    vendor: 'Bitdefender',
    services: ['trufos', 'gzflt', 'atc', 'bdelam', 'bdvedisk', 'epsecurityservice', 'vsserv'],
  },
  {
    product: 'Cortex XDR',
    vendor: 'Palo Alto Networks',
    services: ['tedrdrv', 'cyvrfsfd', 'cyvrmtgn', 'cyverak', 'cyvrlpc', 'cyserver', 'tlaworker'],
  },
  {
    product: 'Protect',
    vendor: 'BlackBerry Cylance',
    services: ['cyprotectdrv', 'cylancedrv', 'cyelam', 'cyoptics', 'cylancesvc'],
  },
  { product: 'SecureAnywhere', vendor: 'Webroot', services: ['wrkrn', 'wrboot', 'wrcore', 'wrsvc'] },
  {
    product: 'Endpoint Protection',
    vendor: 'Malwarebytes',
    services: ['mbamchameleon', 'mbamswissarmy', 'mbamelam', 'mbamprotection', 'mbamservice', 'mbendpointagent'],
  },
  {
    product: 'Antivirus',
    vendor: 'Avast / AVG',
    services: ['aswsp', 'aswsnx', 'aswelam', 'aswmonflt', 'avgsp', 'avgsnx', 'avgelam', 'avgmonflt'],
  },
  {
    product: 'Elastic Defend',
    vendor: 'Elastic',
    services: ['elasticendpointdriver', 'elasticelam', 'elasticendpoint'],
  },
  {
    product: 'Defense Platform',
    vendor: 'Cybereason',
    services: ['craaelam', 'cybereasonactiveprobe', 'cybereasonav'],
  },
  {
    product: 'Secure Endpoint (AMP)',
    vendor: 'Cisco',
    services: ['ciscoampcefwdriver', 'immunetprotectdriver', 'immunetselfprotectdriver', 'trufosalt', 'ciscoamp'],
  },
  { product: 'Harmony Endpoint', vendor: 'Check Point', services: ['cpbak', 'epklib', 'epregflt', 'vsdatant', 'cpda'] },
  { product: 'WithSecure / F-Secure', vendor: 'WithSecure', services: ['fsgk', 'fsulgk', 'fselam', 'fshs', 'fsni'] },
];
