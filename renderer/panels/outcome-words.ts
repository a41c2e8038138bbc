// What an apply came to, in a sentence.
import type { Applied } from '../../app/contract/tuning.ts';
import { arrivalWords, changeWords, isOnItsWay } from '../../app/tuning/change.ts';

export const outcomeWords = ({ outcome, unconfirmed }: Pick<Applied, 'outcome' | 'unconfirmed'>): { readonly good: boolean; readonly text: string } => {
  switch (outcome) {
    case 'complete': return { good: true, text: 'Applied, and the host shows it.' };
    case 'put-back': return { good: false, text: 'A step failed. What was done before it was put back; the guest is as it was.' };
    case 'partial': return { good: false, text: 'A step failed, and not everything done before it could be put back. The steps below say what is left.' };
    case 'interrupted': return { good: false, text: 'The host was lost in the midst and has not come back. What was done is read from it when it is reached again, and told in History.' };
    case 'unconfirmed': return unconfirmed.length === 0 ? unkept : onItsWay(unconfirmed) ?? {
      good: false,
      text: `The host took every step but shows something else: ${unconfirmed.map((change) => {
        const { name, from, to } = changeWords(change);
        return `${name} is ${from} instead of ${to}`;
      }).join('; ')}.`,
    };
  }
};

const unkept = { good: false, text: 'The host took every step, and its saved definition reads as before: libvirt keeps only what it understands, no comments and no spacing.' } as const;

/** Where all that is not there yet is the guest's to do, that is how it goes, and no failure; null otherwise. */
const onItsWay = (unconfirmed: Applied['unconfirmed']): { readonly good: boolean; readonly text: string } | null => {
  if (!isOnItsWay(unconfirmed)) return null;
  const words = unconfirmed.map(arrivalWords);
  const things = unconfirmed.map((change) => changeWords(change)).map(({ name, to }) => `${name} to ${to}`);
  return { good: true, text: `Applied. The guest is asked for this and has not come to it yet: ${things.join('; ')}. ${[...new Set(words)].join(' ')}` };
};
