import { restrictApplicationLogins } from './application-database';

restrictApplicationLogins();
