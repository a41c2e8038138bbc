// The fields of the host form and the connection URI they stand for; each follows the other.
import { Refused } from '../../../app/contract/refusal.ts';
import { type ConnectionUri, defaultPorts, parseConnectionUri, printConnectionUri, type UriParameter, uriParameter } from '../../../app/domain/connection-uri.ts';
import { describeUriParameter, type UriParameterDescription, uriParameters } from '../../../app/domain/uri-parameters.ts';

export const formTransports = ['ssh', 'tls', 'tcp', 'unix', 'ext'] as const;
export type FormTransport = (typeof formTransports)[number];

export interface UriForm {
  readonly transport: FormTransport;
  readonly host: string;
  readonly user: string;
  /** As typed; empty = the transport's own. */
  readonly port: string;
  readonly path: string;
  readonly driver: string;
  /** All of them, those without a field too, in the order of the URI. */
  readonly parameters: readonly UriParameter[];
}

export const emptyForm: UriForm = { transport: 'ssh', host: '', user: '', port: '', path: '/system', driver: 'qemu', parameters: [] };

/** The port used when the field is empty; '' where there is none. */
export const usualPort = (transport: FormTransport): string => (transport === 'unix' || transport === 'ext' ? '' : `${defaultPorts[transport]}`);

/** The URI of the fields; unfinished fields give an unfinished URI, which is judged where it is shown. */
export const uriOfForm = ({ transport, host, user, port, path, driver, parameters }: UriForm): string => {
  const leaves = transport !== 'unix';
  const uri: ConnectionUri = {
    driver,
    transport,
    ...(leaves && host.trim() !== '' && { host: host.trim() }),
    ...(leaves && user.trim() !== '' && { user: user.trim() }),
    ...(leaves && /^\d+$/.test(port.trim()) && { port: Number(port) }),
    path: path.trim(),
    parameters,
  };
  return printConnectionUri(uri);
};

/** What is wrong with a URI, in words; null when nothing is. */
export const uriProblem = (text: string): string | null => {
  try {
    const uri = parseConnectionUri(text);
    if (uri.transport === 'ssh' && uri.host === undefined) return 'Name the host to log in to.';
    return uri.transport === 'ext' && uriParameter(uri, 'command') === undefined ? 'Name the program that carries the bytes.' : null;
  } catch (error) {
    if (error instanceof Refused) return `${error.refusal.message} ${error.refusal.remedy ?? ''}`.trim();
    throw error;
  }
};

/** The fields of a URI; null when it cannot be understood or there is nothing to fill in (demo). */
export const formOfUri = (text: string): UriForm | null => {
  try {
    const { transport, host, user, port, path, driver, parameters } = parseConnectionUri(text);
    if (transport === 'demo') return null;
    return { transport, host: host ?? '', user: user ?? '', port: port === undefined ? '' : `${port}`, path, driver, parameters };
  } catch (error) {
    if (error instanceof Refused) return null;
    throw error;
  }
};

/** The parameters that have an effect with a transport. */
export const parametersFor = (transport: FormTransport): readonly UriParameterDescription[] => uriParameters.filter(({ transports }) => transports.includes(transport));

/** Parameters of the URI that have no field: the daemon's own, and those of other transports. */
export const withoutField = ({ transport, parameters }: UriForm): readonly UriParameter[] =>
  parameters.filter(({ name }) => describeUriParameter(name)?.transports.includes(transport) !== true);

const isNamed = (name: string) => (parameter: UriParameter): boolean => parameter.name.toLowerCase() === name;

/** The values of a parameter; of one that may not be repeated the last alone, which is the one that counts. */
export const valuesOf = ({ parameters }: UriForm, { name, isRepeatable }: UriParameterDescription): readonly string[] => {
  const values = parameters.filter(isNamed(name)).map(({ value }) => value);
  return isRepeatable === true ? values : values.slice(-1);
};

/** The parameters with these values under the name, where the first of them stood or else at the end; none takes it out. */
export const withValues = (parameters: readonly UriParameter[], name: string, values: readonly string[]): readonly UriParameter[] => {
  const at = parameters.findIndex(isNamed(name));
  const others = parameters.filter((parameter) => !isNamed(name)(parameter));
  return others.toSpliced(at < 0 ? others.length : at, 0, ...values.map((value) => ({ name, value })));
};

/** What the values of a URI give up of its protection, in words. */
export const dangersOf = (form: UriForm): readonly string[] =>
  parametersFor(form.transport).flatMap((parameter) => (parameter.danger !== undefined && valuesOf(form, parameter).some(parameter.danger.values) ? [parameter.danger.means] : []));

/** Whether a text is no URI but may be an alias of libvirt.conf (https://libvirt.org/uri.html#uri-aliases). */
export const isAliasName = (text: string): boolean => /^[\w.-]+$/.test(text.trim());
