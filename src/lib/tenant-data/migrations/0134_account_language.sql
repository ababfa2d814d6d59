-- A client's documents are in the client's language, where that is not the company's (setting `locale`).
alter table accounts add column locale text check (locale ~ '^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$');
