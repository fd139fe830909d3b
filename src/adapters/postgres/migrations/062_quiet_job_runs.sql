-- A run at a tick that changed nothing, of a job of which only the newest such run is kept.
alter table lectern.job_runs add column quiet boolean not null default false;
create index job_runs_quiet on lectern.job_runs (job) where quiet;
