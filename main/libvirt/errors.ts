// libvirt's errors as refusals: decided by number, never by text.
import { type RefusalCode, Refused, type Stage } from '../../app/contract/refusal.ts';
import { errorCode, errorDomain } from './constants.ts';
import type { RemoteError } from './objects.ts';

/** libvirt's virErrorNumber → our code, where a more telling one than `libvirt` exists. */
const codes = new Map<number, RefusalCode>([
  [errorCode.noDomain, 'unknown-guest'],
  [errorCode.operationDenied, 'read-only'],
  [errorCode.authFailed, 'auth-failed'],
  [errorCode.authCancelled, 'auth-failed'],
  [errorCode.authUnavailable, 'auth-failed'],
]);

const remedies = new Map<number, string>([
  [errorCode.operationDenied, 'Connect without read-only access.'],
  [errorCode.authFailed, 'Check user name and password, and that this user may manage libvirt on the host.'],
  [errorCode.authUnavailable, 'On the host, add the user to the group libvirt, or log in as root.'],
  [errorCode.accessDenied, "Ask the host's administrator for this permission (polkit rules of libvirt)."],
  [errorCode.agentUnresponsive, 'Start qemu-guest-agent inside the guest.'],
  [errorCode.operationTimeout, 'Another job is running on this guest; try again when it has ended.'],
]);

/** An answer with status ERROR. `error` is the whole struct; its message is in the server's language. */
export class LibvirtError extends Refused {
  readonly error: RemoteError;
  constructor(error: RemoteError, during: string, stage?: Stage) {
    const remedy = remedies.get(error.code);
    super(codes.get(error.code) ?? 'libvirt', error.message ?? `${during} failed with libvirt's error ${error.code}.`, {
      libvirt: { code: error.code, domain: error.domain },
      ...(remedy === undefined ? {} : { remedy }),
      ...(stage === undefined ? {} : { stage }),
    });
    this.error = error;
  }
}

/**
 * The server is older than the procedure. The one place that reads a message: error 39 says nothing else, and
 * servers do not translate it.
 */
const unknownProcedure = (error: RemoteError): boolean =>
  error.code === errorCode.rpc && (error.message?.startsWith('unknown procedure') ?? false);

/** The error struct as something to throw; an unknown procedure becomes NO_SUPPORT, as libvirt's own client has it. */
export const libvirtError = (error: RemoteError, during: string): LibvirtError =>
  new LibvirtError(
    unknownProcedure(error)
      ? { ...error, code: errorCode.noSupport, domain: errorDomain.remote, message: `This host's libvirt is too old for ${during}.` }
      : error,
    during,
  );

/** Whether libvirt, its driver or its hypervisor does not know the call: old server, other driver, missing feature. */
export const isUnsupported = (error: unknown): boolean =>
  error instanceof LibvirtError &&
  [errorCode.noSupport, errorCode.operationUnsupported, errorCode.configUnsupported, errorCode.argumentUnsupported].some((code) => code === error.error.code);
