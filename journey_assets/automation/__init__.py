"""What makes the pipeline run itself: conditions, jobs, the schedule, sensors, alerts."""
