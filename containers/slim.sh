#!/bin/sh
# Run once while the image is built: takes away from its packages what nothing here loads, a good half of their size.
#
#   slim.sh /opt/venv
set -eu

venv=${1:?names the environment}
packages=$(echo "$venv"/lib/python3.*/site-packages)

# Required by name and never used. scipy, altair: of expectations over distributions (quality/expectations.py loads
# Great Expectations without them). grpcio: traces over gRPC; HTTP remains. psycopg2: psycopg 3 is the driver.
/usr/local/bin/pip --python "$venv/bin/python" uninstall --yes --quiet \
    scipy altair narwhals grpcio opentelemetry-exporter-otlp-proto-grpc psycopg2-binary

# Tests, headers, sources of compiled modules, types.
find "$packages" -depth -type d \( -name tests -o -name testing -path '*sqlalchemy*' -o -path '*/pyarrow/include' -o -path '*/pyarrow/src' \
    -o -path '*/numpy/f2py' -o -path '*/numpy/_core/include' \) -exec rm -rf {} +
find "$packages" -type f \( -name '*.pyi' -o -name '*.pyx' -o -name '*.pxd' -o -name '*.pxi' -o -name '*.h' -o -name '*.hpp' -o -name '*.c' -o -name '*.cpp' \) -delete

# Languages: the UI's and those of the bureau.
find "$packages" -path '*/flask_appbuilder/translations/*/*' ! -path '*/translations/zh/*' -type f -delete
find "$packages" -path '*/babel/locale-data/*' ! -name 'root.dat' ! -name 'en*' ! -name 'zh*' -delete

# Arrow reads and writes Parquet on a disk; not over Flight, not in a cloud.
rm -f "$packages"/pyarrow/libarrow_flight.* "$packages"/pyarrow/libarrow_python_flight.* "$packages"/pyarrow/_flight.* \
    "$packages"/pyarrow/libarrow_s3.* "$packages"/pyarrow/_s3fs.* "$packages"/pyarrow/_gcsfs.* "$packages"/pyarrow/_azurefs.* \
    "$packages"/pyarrow/_hdfs.* "$packages"/pyarrow/_pyarrow_cpp_tests.*
for library in "$packages"/pyarrow/libarrow_python*.so; do # a wheel cannot hold links
    for copy in "$library".*; do ln -sf "$(basename "$library")" "$copy"; done
done
