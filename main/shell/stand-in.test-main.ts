// A Main for the shells' tests: it remembers who asked what, answers what it is told to, and tells news on demand.
import type { News } from '../../app/contract/contract.ts';
import type { Answer } from '../../app/contract/refusal.ts';
import type { Caller, Main } from '../services/services.ts';

export interface StandIn extends Main {
  readonly asked: { readonly section: string; readonly name: string; readonly takes: unknown; readonly caller: Caller }[];
  readonly hearers: Set<(news: News) => void>;
  closed: boolean;
}

export const standIn = (answer: (section: string, name: string) => Promise<Answer<unknown>> = async () => ({ ok: true, value: 'heard' })): StandIn => {
  const main: StandIn = {
    asked: [],
    hearers: new Set(),
    closed: false,
    answer: (section, name, takes, caller) => {
      main.asked.push({ section, name, takes, caller });
      return answer(section, name);
    },
    listen: (hear) => {
      main.hearers.add(hear);
      return () => void main.hearers.delete(hear);
    },
    close: async () => {
      main.closed = true;
    },
  };
  return main;
};

export const someNews: News = { section: 'program', name: 'preferencesChanged', told: {} };
