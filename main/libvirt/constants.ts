// The numbers libvirt gives to states, events, errors, flags and types, those in use. `domainState.running` is VIR_DOMAIN_RUNNING, and so on.

/** virDomainState: what a domain is doing. */
export const domainState = { nostate: 0, running: 1, blocked: 2, paused: 3, shutdown: 4, shutoff: 5, crashed: 6, pmsuspended: 7 } as const;

/** virVcpuState. */
export const vcpuState = { offline: 0, running: 1, blocked: 2 } as const;

/** virDomainModificationImpact. `current` is live when the domain runs, else config, never both; getters refuse live and config together. */
export const affect = { current: 0, live: 1, config: 2 } as const;

/** virDomainVcpuFlags, besides {@link affect}. */
export const vcpuFlag = { maximum: 4, guest: 8, hotpluggable: 16 } as const;

/** virDomainMemoryModFlags, besides {@link affect}. */
export const memoryFlag = { maximum: 4 } as const;

/** virDomainBlockResizeFlags: `bytes` = the size is in bytes, not in KiB. */
export const blockResizeFlag = { bytes: 1 } as const;

/** virConnectFlags. */
export const connectFlag = { ro: 1, noAliases: 2 } as const;

/** virConnectListAllDomainsFlags: filters; 0 lists all. */
export const listDomains = {
  active: 1,
  inactive: 2,
  persistent: 4,
  transient: 8,
  running: 16,
  paused: 32,
  shutoff: 64,
  other: 128,
  managedsave: 256,
  noManagedsave: 512,
  autostart: 1024,
  noAutostart: 2048,
  hasSnapshot: 4096,
  noSnapshot: 8192,
  hasCheckpoint: 16_384,
  noCheckpoint: 32_768,
} as const;

/** virDomainXMLFlags. `secure` needs a connection that may write; only `inactive` XML may be defined again. */
export const xmlFlag = { secure: 1, inactive: 2, updateCpu: 4, migratable: 8 } as const;

/** virDomainDefineFlags. */
export const defineFlag = { validate: 1 } as const;

/** virDomainCreateFlags. */
export const startFlag = { paused: 1, autodestroy: 2, bypassCache: 4, forceBoot: 8, validate: 16, resetNvram: 32 } as const;

/** virDomainShutdownFlagValues: ways to ask; 0 lets the driver choose. */
export const shutdownFlag = { default: 0, acpiPowerBtn: 1, guestAgent: 2, initctl: 4, signal: 8, paravirt: 16 } as const;

/** virDomainRebootFlagValues. */
export const rebootFlag = { default: 0, acpiPowerBtn: 1, guestAgent: 2, initctl: 4, signal: 8, paravirt: 16 } as const;

/** virDomainDestroyFlagsValues. */
export const destroyFlag = { default: 0, graceful: 1, removeLogs: 2 } as const;

/** virDomainUndefineFlagsValues. */
export const undefineFlag = {
  managedSave: 1,
  snapshotsMetadata: 2,
  nvram: 4,
  keepNvram: 8,
  checkpointsMetadata: 16,
  tpm: 32,
  keepTpm: 64,
} as const;

/** virDomainSaveRestoreFlags; also for managed save. */
export const saveFlag = { bypassCache: 1, running: 2, paused: 4, resetNvram: 8 } as const;

/** virDomainConsoleFlags. */
export const consoleFlag = { force: 1, safe: 2 } as const;

/** virDomainChannelFlags. */
export const channelFlag = { force: 1 } as const;

/** virDomainStatsTypes; 0 asks for all. */
export const statsGroup = {
  state: 1,
  cpuTotal: 2,
  balloon: 4,
  vcpu: 8,
  interface: 16,
  block: 32,
  perf: 64,
  iothread: 128,
  memory: 256,
  dirtyrate: 512,
  vm: 1024,
} as const;

/** virConnectGetAllDomainStatsFlags. Bit 31 is in use: combine with `>>> 0`. */
export const statsFlag = {
  active: 1,
  inactive: 2,
  persistent: 4,
  transient: 8,
  running: 16,
  paused: 32,
  shutoff: 64,
  other: 128,
  nowait: 0x2000_0000,
  backing: 0x4000_0000,
  enforceStats: 0x8000_0000,
} as const;

/** virDomainMemoryStatTags. */
export const memoryStatTag = {
  swapIn: 0,
  swapOut: 1,
  majorFault: 2,
  minorFault: 3,
  unused: 4,
  available: 5,
  actualBalloon: 6,
  rss: 7,
  usable: 8,
  lastUpdate: 9,
  diskCaches: 10,
  hugetlbPgalloc: 11,
  hugetlbPgfail: 12,
} as const;

/** virDomainNumatuneMemMode. */
export const numaMode = { strict: 0, preferred: 1, interleave: 2, restrictive: 3 } as const;

/** virTypedParameterType. */
export const typedParamType = { int: 1, uint: 2, llong: 3, ullong: 4, double: 5, boolean: 6, string: 7 } as const;

/** virTypedParameterFlags: without it getters drop text without notice. */
export const typedParamFlag = { stringOkay: 4 } as const;

/** virDomainMetadataType. */
export const metadataType = { description: 0, title: 1, element: 2 } as const;

/** virDomainLifecycle and virDomainLifecycleAction. */
export const lifecycle = { poweroff: 0, reboot: 1, crash: 2 } as const;
export const lifecycleAction = { destroy: 0, restart: 1, restartRename: 2, preserve: 3, coredumpDestroy: 4, coredumpRestart: 5 } as const;

/** virDomainEventType. */
export const lifecycleEvent = {
  defined: 0,
  undefined: 1,
  started: 2,
  suspended: 3,
  resumed: 4,
  stopped: 5,
  shutdown: 6,
  pmsuspended: 7,
  crashed: 8,
} as const;

/** What a lifecycle event adds to its kind. */
export const lifecycleDetail = {
  defined: { added: 0, updated: 1, renamed: 2, fromSnapshot: 3 },
  undefined: { removed: 0, renamed: 1 },
  started: { booted: 0, migrated: 1, restored: 2, fromSnapshot: 3, wakeup: 4, recreated: 5 },
  suspended: {
    paused: 0,
    migrated: 1,
    ioerror: 2,
    watchdog: 3,
    restored: 4,
    fromSnapshot: 5,
    apiError: 6,
    postcopy: 7,
    postcopyFailed: 8,
    guestShutdown: 9,
  },
  resumed: { unpaused: 0, migrated: 1, fromSnapshot: 2, postcopy: 3, postcopyFailed: 4 },
  stopped: { shutdown: 0, destroyed: 1, crashed: 2, migrated: 3, saved: 4, failed: 5, fromSnapshot: 6, recreated: 7 },
  shutdown: { finished: 0, guest: 1, host: 2 },
  pmsuspended: { memory: 0, disk: 1 },
  crashed: { panicked: 0, crashloaded: 1 },
} as const;

/** virDomainEventID: what to register for. The last two are inferred from their order; a server without an id answers error 1. */
export const domainEventId = {
  lifecycle: 0,
  reboot: 1,
  rtcChange: 2,
  watchdog: 3,
  ioError: 4,
  graphics: 5,
  ioErrorReason: 6,
  controlError: 7,
  blockJob: 8,
  diskChange: 9,
  trayChange: 10,
  pmwakeup: 11,
  pmsuspend: 12,
  balloonChange: 13,
  pmsuspendDisk: 14,
  deviceRemoved: 15,
  blockJob2: 16,
  tunable: 17,
  agentLifecycle: 18,
  deviceAdded: 19,
  migrationIteration: 20,
  jobCompleted: 21,
  deviceRemovalFailed: 22,
  metadataChange: 23,
  blockThreshold: 24,
  memoryFailure: 25,
  memoryDeviceSizeChange: 26,
  nicMacChange: 27,
  vcpuRemoved: 28,
  channelLifecycle: 29,
} as const;

/** virNetworkEventID. */
export const networkEventId = { lifecycle: 0, metadataChange: 1 } as const;

/** virStoragePoolEventID. */
export const storagePoolEventId = { lifecycle: 0, refresh: 1 } as const;

/** virNodeDeviceEventID. */
export const nodeDeviceEventId = { lifecycle: 0, update: 1 } as const;

/** virSecretEventID. */
export const secretEventId = { lifecycle: 0, valueChanged: 1 } as const;

/** virConnectCloseReason: why the daemon lost its hypervisor. */
export const closeReason = { error: 0, eof: 1, keepalive: 2, client: 3 } as const;

/** How a daemon wants its client to prove itself (REMOTE_AUTH_…). */
export const authType = { none: 0, sasl: 1, polkit: 2 } as const;

/** What CONNECT_SUPPORTS_FEATURE can be asked. Asking for `programKeepalive` is what starts the server’s pings. */
export const driverFeature = {
  migrationV1: 1,
  remote: 2,
  migrationV2: 3,
  migrationP2p: 4,
  migrationDirect: 5,
  migrationV3: 6,
  migrateChangeProtection: 7,
  fdPassing: 8,
  typedParamString: 9,
  programKeepalive: 10,
  xmlMigratable: 11,
  migrationOffline: 12,
  migrationParams: 13,
  remoteEventCallback: 14,
  remoteCloseCallback: 15,
  networkUpdateHasCorrectOrder: 16,
} as const;

/** virErrorLevel. */
export const errorLevel = { none: 0, warning: 1, error: 2 } as const;

/** virErrorNumber: what went wrong. Decide by it, never by the message. */
export const errorCode = {
  ok: 0,
  internalError: 1,
  noMemory: 2,
  noSupport: 3,
  unknownHost: 4,
  noConnect: 5,
  invalidConn: 6,
  invalidDomain: 7,
  invalidArg: 8,
  operationFailed: 9,
  getFailed: 10,
  postFailed: 11,
  httpError: 12,
  sexprSerial: 13,
  noXen: 14,
  xenCall: 15,
  osType: 16,
  noKernel: 17,
  noRoot: 18,
  noSource: 19,
  noTarget: 20,
  noName: 21,
  noOs: 22,
  noDevice: 23,
  noXenstore: 24,
  driverFull: 25,
  callFailed: 26,
  xmlError: 27,
  domExist: 28,
  operationDenied: 29,
  openFailed: 30,
  readFailed: 31,
  parseFailed: 32,
  confSyntax: 33,
  writeFailed: 34,
  xmlDetail: 35,
  invalidNetwork: 36,
  networkExist: 37,
  systemError: 38,
  rpc: 39,
  gnutlsError: 40,
  warNoNetwork: 41,
  noDomain: 42,
  noNetwork: 43,
  invalidMac: 44,
  authFailed: 45,
  invalidStoragePool: 46,
  invalidStorageVol: 47,
  warNoStorage: 48,
  noStoragePool: 49,
  noStorageVol: 50,
  warNoNode: 51,
  invalidNodeDevice: 52,
  noNodeDevice: 53,
  noSecurityModel: 54,
  operationInvalid: 55,
  warNoInterface: 56,
  noInterface: 57,
  invalidInterface: 58,
  multipleInterfaces: 59,
  warNoNwfilter: 60,
  invalidNwfilter: 61,
  noNwfilter: 62,
  buildFirewall: 63,
  warNoSecret: 64,
  invalidSecret: 65,
  noSecret: 66,
  configUnsupported: 67,
  operationTimeout: 68,
  migratePersistFailed: 69,
  hookScriptFailed: 70,
  invalidDomainSnapshot: 71,
  noDomainSnapshot: 72,
  invalidStream: 73,
  argumentUnsupported: 74,
  storageProbeFailed: 75,
  storagePoolBuilt: 76,
  snapshotRevertRisky: 77,
  operationAborted: 78,
  authCancelled: 79,
  noDomainMetadata: 80,
  migrateUnsafe: 81,
  overflow: 82,
  blockCopyActive: 83,
  operationUnsupported: 84,
  ssh: 85,
  agentUnresponsive: 86,
  resourceBusy: 87,
  accessDenied: 88,
  dbusService: 89,
  storageVolExist: 90,
  cpuIncompatible: 91,
  xmlInvalidSchema: 92,
  migrateFinishOk: 93,
  authUnavailable: 94,
  noServer: 95,
  noClient: 96,
  agentUnsynced: 97,
  libssh: 98,
  deviceMissing: 99,
  invalidNwfilterBinding: 100,
  noNwfilterBinding: 101,
  invalidDomainCheckpoint: 102,
  noDomainCheckpoint: 103,
  noDomainBackup: 104,
  invalidNetworkPort: 105,
  networkPortExist: 106,
  noNetworkPort: 107,
  noHostname: 108,
  checkpointInconsistent: 109,
  multipleDomains: 110,
  noNetworkMetadata: 111,
  agentCommandTimeout: 112,
  agentCommandFailed: 113,
  invalidEncrKeySecret: 114,
} as const;

/** virErrorDomain: which part of libvirt raised an error. */
export const errorDomain = {
  none: 0,
  xen: 1,
  xend: 2,
  xenstore: 3,
  sexpr: 4,
  xml: 5,
  dom: 6,
  rpc: 7,
  proxy: 8,
  conf: 9,
  qemu: 10,
  net: 11,
  test: 12,
  remote: 13,
  openvz: 14,
  xenxm: 15,
  statsLinux: 16,
  lxc: 17,
  storage: 18,
  network: 19,
  domain: 20,
  uml: 21,
  nodedev: 22,
  xenInotify: 23,
  security: 24,
  vbox: 25,
  interface: 26,
  one: 27,
  esx: 28,
  phyp: 29,
  secret: 30,
  cpu: 31,
  xenapi: 32,
  nwfilter: 33,
  hook: 34,
  domainSnapshot: 35,
  audit: 36,
  sysinfo: 37,
  streams: 38,
  vmware: 39,
  event: 40,
  libxl: 41,
  locking: 42,
  hyperv: 43,
  capabilities: 44,
  uri: 45,
  auth: 46,
  dbus: 47,
  parallels: 48,
  device: 49,
  ssh: 50,
  lockspace: 51,
  initctl: 52,
  identity: 53,
  cgroup: 54,
  access: 55,
  systemd: 56,
  bhyve: 57,
  crypto: 58,
  firewall: 59,
  polkit: 60,
  thread: 61,
  admin: 62,
  logging: 63,
  xenxl: 64,
  perf: 65,
  libssh: 66,
  resctrl: 67,
  firewalld: 68,
  domainCheckpoint: 69,
  tpm: 70,
  bpf: 71,
  ch: 72,
} as const;
