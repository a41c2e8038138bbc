// Where a button below a line of health leads: to the dialog, the step of the wizard or the page on which it is done.
import type { HealthRemedy } from '../../../app/pki/health-remedy.ts';
import { go } from '../place.ts';
import type { Lead } from './health-lines.tsx';

type Of<K extends HealthRemedy['kind']> = Extract<HealthRemedy, { kind: K }>;

/** What a place can do by itself. */
export interface LeadsTo {
  /** The saved host that the daemon's settings are looked for at. */
  readonly host: string;
  readonly renew: (id: string) => void;
  readonly revocations: (id: string) => void;
  readonly make: (what: Of<'makeNew'>['what'] | null) => void;
  readonly install: () => void;
  readonly connectBy: () => void;
}

/** Null for what is done, or told, where it stands. */
export const leadsTo = ({ host, renew, revocations, make, install, connectBy }: LeadsTo): Lead => (remedy) => {
  switch (remedy.kind) {
    case 'renewKept': return () => renew(remedy.id);
    case 'renewRevocations': return () => revocations(remedy.id);
    case 'makeNew': return () => make(remedy.what);
    case 'makeCertificates': return () => make(null);
    case 'reinstall': case 'trustAuthority': return install;
    case 'allowName': return () => go({ at: 'host', host, part: 'daemon' });
    case 'connectBy': return connectBy;
    case 'acceptHostKey': case 'addToGroup': case 'installPackage': case 'startUnit': case 'startSession': case 'openPort': case 'showCommand': case 'restrictFile': case 'correctClock': return null;
  }
};
