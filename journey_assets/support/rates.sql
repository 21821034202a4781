-- A share and its Wilson bounds, said only of enough cases: the guard of every rate of support.
-- Fewer than 10 in the denominator are insufficient; counts always stand beside. Needs wilson_*.

CREATE OR REPLACE TEMP MACRO rate(k, n) AS CASE WHEN n >= 10 THEN k / n END;
CREATE OR REPLACE TEMP MACRO rate_low(k, n) AS CASE WHEN n >= 10 THEN wilson_low(k, n) END;
CREATE OR REPLACE TEMP MACRO rate_high(k, n) AS CASE WHEN n >= 10 THEN wilson_high(k, n) END;
CREATE OR REPLACE TEMP MACRO verdict(n) AS CASE WHEN n >= 10 THEN 'ok' ELSE 'insufficient' END;
