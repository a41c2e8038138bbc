// The refusals as the contract's files and everything above them know them; they lie below all rooms of `app`, since every room says no in the same way.
export { type Answer, type Refusal, type RefusalCode, Refused, refusal, type Stage, stages } from '../domain/refusal.ts';
