-- The application database: who the tenants are, where their data live, who may sign in, and what was changed.
-- Schema `public` holds three tables and nothing else; what they need besides stands in schema `marquee`.
create schema if not exists marquee;
