// Certificates: an authority, a host and a client of RSA 3072, as a window asks for them, beside certtool as libvirt's instructions use it.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { AskName, Gives, Takes } from '../../app/contract/contract.ts';
import { createMain } from '../../main/services/main.ts';
import { mustRun } from '../lab/processes.ts';
import { LabError } from '../lab/state.ts';
import { timed, type Run } from './measure.ts';

const keyBits = 3072 as const;
const passphrase = 'for the benchmark';

/** One set, and the longest that the event loop stood still over it. */
export interface CertificateRuns {
  readonly ours: Run;
  readonly certtool: Run;
  /** Milliseconds, over all runs of ours so far. */
  readonly longestStall: () => number;
}

export function certificateRuns(home: string): CertificateRuns {
  const delay = monitorEventLoopDelay({ resolution: 1 });
  const stalls: number[] = [];
  const inFolder = (work: (folder: string) => Promise<number>): Run => async () => {
    const folder = await mkdtemp(join(home, 'certificates-'));
    try {
      return await work(folder);
    } finally {
      await rm(folder, { recursive: true });
    }
  };
  const ours = inFolder(async (folder) => {
    const main = await createMain({ dataFolder: folder, shell: 'web', version: 'bench', home, env: {} });
    const ask = async <A extends AskName<'certificates'>>(name: A, takes: Takes<'certificates', A>): Promise<Gives<'certificates', A>> => {
      const answer = await main.answer('certificates', name, takes, { id: 'bench', gone: new AbortController().signal });
      if (!answer.ok) throw new LabError(answer.refusal.message);
      // The door answers what the contract says of this ask.
      return answer.value as Gives<'certificates', A>;
    };
    try {
      delay.reset();
      delay.enable();
      const took = await timed(async () => {
        const { id: authority } = await ask('createAuthority', { subject: [{ attribute: 'CN', value: 'Bench CA' }], keyBits, newPassphrase: passphrase });
        await ask('createHost', { authority, hosts: [{ names: ['host.example', '10.0.0.1'] }], keyBits, passphrase });
        await ask('createClient', { authority, subject: [{ attribute: 'O', value: 'Bench CA' }, { attribute: 'CN', value: 'client' }], keyBits, passphrase });
      });
      delay.disable();
      stalls.push(delay.max / 1e6);
      return took;
    } finally {
      await main.close();
    }
  });
  const certtool = inFolder(async (folder) => {
    const at = (name: string): string => join(folder, name);
    await writeFile(at('ca.info'), 'cn = Bench CA\nca\ncert_signing_key\nexpiration_days = 3650\n');
    await writeFile(at('server.info'), 'organization = Bench CA\ncn = host.example\ndns_name = host.example\nip_address = 10.0.0.1\ntls_www_server\nencryption_key\nsigning_key\nexpiration_days = 730\n');
    await writeFile(at('client.info'), 'organization = Bench CA\ncn = client\ntls_www_client\nencryption_key\nsigning_key\nexpiration_days = 365\n');
    const signed = ['--load-ca-certificate', at('cacert.pem'), '--load-ca-privkey', at('cakey.pem')];
    return await timed(async () => {
      for (const name of ['ca', 'server', 'client']) {
        await mustRun('certtool', ['--generate-privkey', '--bits', String(keyBits), '--outfile', at(`${name}key.pem`)]);
        const how = name === 'ca' ? ['--generate-self-signed'] : ['--generate-certificate', ...signed];
        await mustRun('certtool', [...how, '--load-privkey', at(`${name}key.pem`), '--template', at(`${name}.info`), '--outfile', at(`${name}cert.pem`)]);
      }
    });
  });
  return { ours, certtool, longestStall: () => Math.max(...stalls) };
}
