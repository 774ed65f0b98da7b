export { beepsIn, flashesIn, type Stretch } from './read-film.ts';
