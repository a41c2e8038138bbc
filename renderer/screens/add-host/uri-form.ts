// The fields of the add-host form and the connection URI they stand for; each follows the other.
import { Refused } from '../../../app/contract/refusal.ts';
import { type ConnectionUri, defaultPorts, parseConnectionUri, printConnectionUri, type UriParameter } from '../../../app/domain/connection-uri.ts';

export type FormTransport = 'unix' | 'ssh' | 'tls' | 'tcp';

export interface UriForm {
  readonly transport: FormTransport;
  readonly host: string;
  readonly user: string;
  /** As typed; empty = the transport's own. */
  readonly port: string;
  readonly path: string;
  readonly driver: string;
  readonly parameters: readonly UriParameter[];
}

export const emptyForm: UriForm = { transport: 'ssh', host: '', user: '', port: '', path: '/system', driver: 'qemu', parameters: [] };

/** Whether a transport leaves this machine, so that it has a host and a port. */
export const isRemote = (transport: FormTransport): transport is 'ssh' | 'tls' | 'tcp' => transport !== 'unix';

/** The port used when the field is empty. */
export const usualPort = (transport: FormTransport): string => (isRemote(transport) ? `${defaultPorts[transport]}` : '');

/** The URI of the fields; unfinished fields give an unfinished URI, which is judged where it is shown. */
export const uriOfForm = ({ transport, host, user, port, path, driver, parameters }: UriForm): string => {
  const remote = isRemote(transport);
  const uri: ConnectionUri = {
    driver,
    transport,
    ...(remote && host.trim() !== '' && { host: host.trim() }),
    ...(transport === 'ssh' && user.trim() !== '' && { user: user.trim() }),
    ...(remote && /^\d+$/.test(port.trim()) && { port: Number(port) }),
    path: path.trim(),
    parameters,
  };
  return printConnectionUri(uri);
};

/** What is wrong with a URI, in words; null when nothing is. */
export const uriProblem = (text: string): string | null => {
  try {
    const uri = parseConnectionUri(text);
    return uri.transport === 'ssh' && uri.host === undefined ? 'Name the host to log in to.' : null;
  } catch (error) {
    if (error instanceof Refused) return `${error.refusal.message} ${error.refusal.remedy ?? ''}`.trim();
    throw error;
  }
};

/** The fields of a URI; null when it cannot be understood or the form has no place for it (demo, ext). */
export const formOfUri = (text: string): UriForm | null => {
  try {
    const { transport, host, user, port, path, driver, parameters } = parseConnectionUri(text);
    if (transport === 'demo' || transport === 'ext') return null;
    return { transport, host: host ?? '', user: user ?? '', port: port === undefined ? '' : `${port}`, path, driver, parameters };
  } catch (error) {
    if (error instanceof Refused) return null;
    throw error;
  }
};
