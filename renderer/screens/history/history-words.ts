// How the history calls kinds of entries, what became of them, and the way back.
import type { Listed } from '../../../app/contract/history.ts';
import type { ToneName } from '../../ui/tag.tsx';

export const outcomeMarks: Readonly<Record<Listed['outcome'], { readonly label: string; readonly tone: ToneName }>> = {
  complete: { label: 'done', tone: 'good' },
  'put-back': { label: 'put back', tone: 'warn' },
  partial: { label: 'partly done', tone: 'bad' },
  unconfirmed: { label: 'not confirmed', tone: 'warn' },
  interrupted: { label: 'end not seen', tone: 'warn' },
};

export const kindNames: Readonly<Record<Listed['kind'], string>> = { tuning: 'Settings', undo: 'Undo', redo: 'Redo', action: 'Actions', certificate: 'Certificates' };

/** Taking an undo back is doing again what it undid. */
export const wayBack = ({ kind }: Pick<Listed, 'kind'>): { readonly name: string; readonly done: string; readonly refused: string } =>
  kind === 'undo' ? { name: 'Redo', done: 'redone', refused: 'This cannot be redone' } : { name: 'Undo', done: 'undone', refused: 'This cannot be undone' };
