"""Predictions with Snowpark, once with columns and once with an array, as on any account.

SNOWFLAKE_HOME=.snowbuild/local python query.py
"""

from snowflake.snowpark import Session
from snowflake.snowpark.functions import array_construct, call_udf, col

FEATURES = ["AGE", "BMI", "CHILDREN", "SMOKER", "REGION", "SEX"]
PATIENTS = [
    [19, 27.9, 0, 1, "southwest", "female"],
    [18, 33.77, 1, 0, "southeast", "male"],
    [62, 26.29, 0, 1, "southeast", "female"],
]

session = Session.builder.config("connection_name", "local").create()
patients = session.create_dataframe(PATIENTS, schema=FEATURES)
features = [col(name) for name in FEATURES]

patients.select(
    *features,
    call_udf("predict_expense", *features).as_("EXPENSES"),
    call_udf("predict_expense_array", array_construct(*features)).as_("EXPENSES_FROM_ARRAY"),
).show()

session.close()
